import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rounds } from "../rounds.ts";
import { served, ways } from "./served.ts";
import { joinsJob, plainJoins } from "./spoiling-joins.ts";
import { patternsJob, plainPatterns } from "./spoiling-patterns.ts";
import { type Bought, plainTables, spoilingJob } from "./spoiling-job.ts";

/** Jobs whose functions spoil all that they can, with their tables by plain computation. */
const jobs = {
  "windows, state and reductions": { build: spoilingJob, plain: plainTables },
  joins: { build: joinsJob, plain: plainJoins },
  patterns: { build: patternsJob, plain: plainPatterns },
} as const;

const someBought: fc.Arbitrary<Bought> = fc.record({
  user: fc.constantFrom("ann", "ben", "cy", "dee", "eve"),
  n: fc.integer({ min: 1, max: 9 }),
  tags: fc.array(fc.constantFrom("new", "gift", "far"), { maxLength: 3 }),
  atMs: fc.integer({ min: 0, max: 400 }).map((step) => 100_000 + step * 100),
});

describe.each(Object.entries(jobs))(
  "functions of %s that spoil all that they were given and have given change no results",
  (_, { build, plain }) => {
    for (const aligned of [false, true]) {
      const run = {
        job: build(aligned),
        stream: "bought",
        key: ({ user }: Bought) => user,
        tables: Object.keys(plain([])),
      };
      for (const [way, how] of Object.entries(ways)) {
        test(`${aligned ? "in a source's own slots" : "behind an exchange"}, ${way}`, async () => {
          await fc.assert(
            fc.asyncProperty(
              fc.array(someBought, { minLength: 1, maxLength: 24 }),
              async (items) => {
                expect(await served({ ...run, items }, how)).toEqual(plain(items));
              },
            ),
            { numRuns: rounds({ few: 2, many: 8 }) },
          );
        });
      }
    }
  },
);

test("a condition that spoils the match so far is asked anew whether it lets an element pass", async () => {
  const gift: Bought = { user: "dee", n: 1, tags: ["gift"], atMs: 100_000 };
  const items = [gift, gift, { ...gift, n: 2, tags: ["far"] }];
  const run = {
    job: patternsJob(true),
    stream: "bought",
    key: ({ user }: Bought) => user,
    tables: ["gifts"],
    items,
  };
  expect(await served(run, ways["warm, in large batches"]!)).toEqual(plainPatterns(items));
});
