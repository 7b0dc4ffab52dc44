import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Quake } from "./quake.ts";

/** The package hides the file's path, so it is found beside the package's entry. */
const path = fileURLToPath(
  new URL("../data/earthquakes.json", import.meta.resolve("vega-datasets")),
);

interface Feature {
  readonly id: string;
  readonly properties: {
    readonly time: number;
    readonly type: string;
    readonly mag: number;
    readonly place: string;
  };
  readonly geometry: { readonly coordinates: readonly [number, number, number] };
}

/** What the U.S. Geological Survey had in its list of a week, from 31 January to 7 February 2018, in the order in which the earth shook. */
export function readQuakes(): readonly Quake[] {
  const { features } = JSON.parse(readFileSync(path, "utf8")) as {
    readonly features: readonly Feature[];
  };
  return features.map(quakeOf).toSorted((left, right) => left.timeMs - right.timeMs);
}

/** Some places are "4km W of Castaic, CA", some "California", and some only "CA". */
function quakeOf({ id, properties: { time, type, mag, place }, geometry }: Feature): Quake {
  const region = place.slice(place.lastIndexOf(", ") + 1).trim();
  return {
    id,
    timeMs: time,
    kind: type,
    magnitude: mag,
    depthKm: geometry.coordinates[2],
    place,
    region: region === "CA" ? "California" : region,
  };
}
