import { describe, expect, test } from "vitest";
import { addReport, emptyDistribution } from "./distribution.ts";
import { failedSeeds } from "./failed-seeds.ts";
import { runSeed } from "./run-seed.ts";
import { shapes } from "./shapes/index.ts";

/** More of them run with `npm run simulate`. */
const seedsOfShape = 18;

const total = emptyDistribution();

describe("in a world of faults a job gives the results of a plain run", () => {
  for (const shape of shapes) {
    test(`${shape.name}, ${seedsOfShape} seeds`, async () => {
      for (let seed = 1; seed <= seedsOfShape; seed++) {
        const report = await runSeed({ shape, seed });
        expect(report.failures, `npm run simulate -- --shape ${shape.name} --seed ${seed}`).toEqual(
          [],
        );
        addReport(total, report);
      }
    });
  }

  test("nearly all of these seeds have enough events, slots and faults to mean something; a third reshard, and half complete an epoch", () => {
    expect(total.runs).toBe(shapes.length * seedsOfShape);
    expect(total.counted).toBeGreaterThan(0.9 * total.runs);
    expect(total.figures["resharded"]?.[0]).toBeGreaterThan(total.runs / 3);
    expect(total.figures["withEpoch"]?.[0]).toBeGreaterThan(total.runs / 2);
    for (const together of ["reshard, restore, zombie, late", "merge, late", "take-back, windows"])
      expect(total.figures[together]?.[0], together).toBeGreaterThan(total.runs / 20);
  });
});

describe("seeds that have failed pass", () => {
  test.each(failedSeeds)("$shape $seed: $was", async ({ shape: name, seed, forced, mission }) => {
    const shape = shapes.find((known) => known.name === name)!;
    const report = await runSeed({
      shape,
      seed,
      forced: new Set(forced),
      ...(mission === undefined ? {} : { mission }),
    });
    expect(report.failures).toEqual([]);
  });
});
