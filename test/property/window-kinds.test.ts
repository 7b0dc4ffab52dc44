import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rounds } from "../rounds.ts";
import { served, ways } from "./served.ts";
import { plainKinds, type Step, tables, windowKindsJob } from "./window-kinds.ts";

const someSteps: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.record({
      user: fc.constantFrom("ann", "ben", "cy"),
      n: fc.integer({ min: 1, max: 9 }),
      atMs: fc.integer({ min: 0, max: 400 }).map((step) => 100_000 + step * 100),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((steps) => {
    const counts = new Map<string, number>();
    return steps.map((step) => {
      const id = (counts.get(step.user) ?? 0) + 1;
      counts.set(step.user, id);
      return { ...step, id };
    });
  });

describe("windows of all kinds give the same, wherever the input is cut and whoever serves it", () => {
  test.each(Object.entries(ways))("%s", async (_, how) => {
    await fc.assert(
      fc.asyncProperty(someSteps, async (items) => {
        const key = ({ user }: Step) => user;
        const job = windowKindsJob();
        expect(await served({ job, stream: "steps", items, key, tables }, how)).toEqual(
          plainKinds(items),
        );
      }),
      { numRuns: rounds({ few: 2, many: 8 }) },
    );
  });
});
