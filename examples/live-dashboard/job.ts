import {
  boundedOutOfOrderness,
  defineJob,
  type Duration,
  slidingWindows,
  tumblingWindows,
} from "millrace";
import { kinesisSource } from "millrace/connectors";
import { Quake, strengthOf } from "./quake.ts";

const hour: Duration = { hours: 1 };
const count = { create: () => 0, add: (n: number) => n + 1, result: (n: number) => n };

/** Earthquakes as they come in, in five views. */
export default defineJob("earthquakes", (env) => {
  const quakes = env
    .source(kinesisSource({ stream: "quakes", schema: Quake }), {
      uid: "quakes",
      watermarks: boundedOutOfOrderness({
        timestamp: ({ timeMs }) => timeMs,
        bound: { minutes: 5 },
      }),
    })
    // Quarries blast, and seismographs notice.
    .filter(({ kind }) => kind === "earthquake");

  quakes.toView({
    uid: "latest",
    title: "Latest earthquakes",
    key: { id: "string" },
    columns: {
      timeMs: { type: "time", label: "Time" },
      magnitude: { type: "number", label: "Magnitude", digits: 1 },
      depthKm: { type: "number", label: "Depth", unit: "km", digits: 0 },
      place: { type: "text", label: "Place" },
    },
    time: "timeMs",
    chart: { kind: "table", order: "timeMs", descending: true },
  });

  quakes
    .filter(({ magnitude }) => magnitude >= 3)
    .toView({
      uid: "strongest",
      title: "The strongest",
      key: { id: "string" },
      columns: { place: "text", magnitude: { type: "number", label: "Magnitude", digits: 1 } },
      chart: { kind: "bars", label: "place", value: "magnitude", top: 10 },
    });

  quakes
    .keyBy(strengthOf)
    .window(tumblingWindows({ size: hour }), { uid: "hours" })
    .aggregate(count, (n, { key, window }) => ({ strength: key, startMs: window.startMs, n }))
    .toView({
      uid: "hourly",
      title: "By the hour",
      key: { strength: "string", startMs: "number" },
      columns: {
        startMs: { type: "time", label: "Hour" },
        strength: { type: "text", label: "Magnitude" },
        n: { type: "number", label: "Earthquakes" },
      },
      time: "startMs",
      chart: { kind: "time-series", values: ["n"], by: "strength" },
    });

  quakes
    .map(({ region }) => ({ region, n: 1 }))
    .keyBy("region")
    .reduce((left, right) => ({ region: left.region, n: left.n + right.n }), { uid: "by-region" })
    .toView({
      uid: "regions",
      title: "Where the earth shook most often",
      key: { region: "string" },
      columns: { region: "text", n: { type: "number", label: "Earthquakes" } },
      chart: { kind: "bars", label: "region", value: "n", top: 10 },
    });

  quakes
    .keyBy(() => "all")
    .window(slidingWindows({ size: { hours: 24 }, slide: hour }), { uid: "days" })
    .aggregate(count, (n, { window }) => ({ endMs: window.endMs, n }))
    .toView({
      uid: "last-day",
      title: "In 24 hours",
      key: { endMs: "number" },
      columns: {
        endMs: { type: "time", label: "Until" },
        n: { type: "number", label: "Earthquakes" },
      },
      time: "endMs",
      chart: { kind: "number", value: "n", of: "newest" },
    });
});
