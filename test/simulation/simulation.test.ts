import { describe, expect, test } from "vitest";
import { failedSeeds } from "./failed-seeds.ts";
import { runSeed } from "./run-seed.ts";
import { shapes } from "./shapes/index.ts";

/** More of them run in simulation.slow.test.ts, and with `npm run simulate`. */
const seedsOfShape = 2;

describe("in a world of faults a job gives the results of a plain run", () => {
  for (const shape of shapes) {
    test(`${shape.name}, ${seedsOfShape} seeds`, async () => {
      for (let seed = 1; seed <= seedsOfShape; seed++) {
        const { failures } = await runSeed({ shape, seed });
        expect(failures, `npm run simulate -- --shape ${shape.name} --seed ${seed}`).toEqual([]);
      }
    });
  }
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

describe("a seed decides everything", () => {
  test("the same seed does the same, whatever ran before", async () => {
    const traces: string[][] = [];
    const hashes: number[] = [];
    for (const before of [undefined, 71]) {
      const lines: string[] = [];
      if (before !== undefined) await runSeed({ shape: shapes[0]!, seed: before });
      const report = await runSeed({
        shape: shapes[1]!,
        seed: 5,
        trace: (line) => lines.push(line),
      });
      traces.push(lines);
      hashes.push(report.hash);
    }
    expect(traces[0]!.length).toBeGreaterThan(500);
    expect(traces[1]).toEqual(traces[0]);
    expect(hashes[1]).toBe(hashes[0]);
  });

  test("being traced changes nothing", async () => {
    const shape = shapes[2]!;
    const traced = await runSeed({ shape, seed: 6, trace: () => undefined });
    expect((await runSeed({ shape, seed: 6 })).hash).toBe(traced.hash);
  });

  test("other seeds do other things", async () => {
    const hashes = new Set<number>();
    for (let seed = 1; seed <= 4; seed++)
      hashes.add((await runSeed({ shape: shapes[0]!, seed })).hash);
    expect(hashes.size).toBe(4);
  });
});
