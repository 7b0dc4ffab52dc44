import { beforeAll, expect, test } from "vitest";
import { describeFailure } from "./failure-text.ts";
import { runSeed, type SeedReport } from "./run-seed.ts";
import type { Shape, ShapeCase } from "./shape.ts";
import { shapes } from "./shapes/index.ts";
import { shrink } from "./shrink.ts";

const original = shapes.find(({ name }) => name === "keyed-count")!;

/** A shape whose check says that something is wrong wherever a record was appended twice. */
const intolerant: Shape = {
  name: "intolerant",
  plan(dice): ShapeCase {
    const planned = original.plan(dice);
    return {
      ...planned,
      check: ({ appended }) =>
        [...appended.values()].some(({ duplicates }) => duplicates > 0)
          ? ["a record came twice"]
          : [],
    };
  },
};

let report: SeedReport;
beforeAll(async () => {
  for (let seed = 1; seed < 100; seed++) {
    report = await runSeed({ shape: intolerant, seed });
    if (report.failures.length > 0) return;
  }
  throw new Error("No seed fails.");
});

test("a failing seed is shrunk to few faults, and still fails in the same way", async () => {
  const small = await shrink({ shape: intolerant, report, runsMax: 100 });
  expect(small.report.failures).toEqual(["a record came twice"]);
  expect(small.runs).toBeLessThanOrEqual(100);
  expect(small.report.figures["faults"]).toBeLessThan(report.figures["faults"]! / 3);
  const { suppressed } = small;
  const again = await runSeed({ shape: intolerant, seed: report.seed, suppressed });
  expect(again.hash).toBe(small.report.hash);
});

test("the text of a failure names the seed, what is left of it, its last steps and the commands that replay it", async () => {
  const options = { shape: intolerant, report, linesMax: 12, shrinkRunsMax: 10 };
  const text = (await describeFailure(options)).join("\n");
  expect(text).toContain(`FAILED: shape intolerant, seed ${report.seed}\n  a record came twice`);
  expect(text).toMatch(/shrunk in \d+ runs to /);
  expect(text.match(/^ {4} +\d+\.\d /gm)?.length).toBe(12);
  expect(text).toContain(`npm run simulate -- --shape intolerant --seed ${report.seed}\n`);
  expect(text).toMatch(/npm run simulate -- --shape intolerant --seed \d+ --without /);
});
