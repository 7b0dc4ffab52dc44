import { describe, expect, test } from "vitest";
import { runSeed } from "./run-seed.ts";
import { shapes } from "./shapes/index.ts";

/** More seeds, and those that have failed once, run in simulation.slow.test.ts, and others with `npm run simulate`. */
describe("in a world of faults a job gives the results of a plain run", () => {
  for (const shape of shapes) {
    test(`${shape.name}, one seed`, async () => {
      const { failures } = await runSeed({ shape, seed: 1 });
      expect(failures, `npm run simulate -- --shape ${shape.name} --seed 1`).toEqual([]);
    });
  }
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
