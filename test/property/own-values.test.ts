import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rounds } from "../rounds.ts";
import { driver, rowsOf, slotWorld } from "../integration/slot-world.ts";
import { joinsJob, plainJoins } from "./spoiling-joins.ts";
import { type Bought, plainTables, spoilingJob } from "./spoiling-job.ts";

/** Jobs whose functions spoil all that they can, with their tables by plain computation. */
const jobs = {
  "windows, state and reductions": { build: spoilingJob, plain: plainTables },
  joins: { build: joinsJob, plain: plainJoins },
} as const;

type Spoiling = (typeof jobs)[keyof typeof jobs];

interface Served {
  /** Shards of the source and of the exchange. */
  readonly shards: number;
  readonly batchSize: number;
  /** Every batch is served by an environment that knows nothing yet. */
  readonly isCold: boolean;
}

interface Run {
  readonly job: ReturnType<Spoiling["build"]>;
  readonly tables: readonly string[];
}

async function served(bought: readonly Bought[], how: Served, { job, tables }: Run) {
  const world = await slotWorld(job, {
    sourceShards: how.shards,
    exchangeShards: how.shards,
  });
  const warm = world.environment();
  const pick = () => (how.isCold ? world.environment() : warm);
  const round = world.coordinator(pick);
  const feed = driver({ world, pick, batchSize: () => how.batchSize });
  // Twice, so that the watermark passes windows to which elements come afterwards.
  const half = Math.ceil(bought.length / 2);
  for (const some of [bought.slice(0, half), bought.slice(half)]) {
    await world.put("bought", some, ({ user }: Bought) => user);
    while (await feed.pump());
    world.clock.advance(300);
    await round();
    while (await feed.pump());
  }
  await world.ports.admin.endStream("bought");
  await feed.untilEnded(round);
  expect(world.alarms).toEqual([]);
  const rows = tables.map(async (table) => [table, await rowsOf(world.ports, table)] as const);
  return Object.fromEntries(await Promise.all(rows));
}

const someBought: fc.Arbitrary<Bought> = fc.record({
  user: fc.constantFrom("ann", "ben", "cy", "dee", "eve"),
  n: fc.integer({ min: 1, max: 9 }),
  tags: fc.array(fc.constantFrom("new", "gift", "far"), { maxLength: 3 }),
  atMs: fc.integer({ min: 0, max: 400 }).map((step) => 100_000 + step * 100),
});

const ways: Readonly<Record<string, Served>> = {
  "warm, in large batches": { shards: 1, batchSize: 100, isCold: false },
  "warm, one by one": { shards: 1, batchSize: 1, isCold: false },
  "cold, in batches": { shards: 1, batchSize: 3, isCold: true },
  "cold, one by one": { shards: 1, batchSize: 1, isCold: true },
  "over four shards": { shards: 4, batchSize: 5, isCold: false },
  "over four shards, cold": { shards: 4, batchSize: 2, isCold: true },
};

describe.each(Object.entries(jobs))(
  "functions of %s that spoil all that they were given and have given change no results",
  (_, { build, plain }) => {
    for (const aligned of [false, true]) {
      const run = { job: build(aligned), tables: Object.keys(plain([])) };
      for (const [way, how] of Object.entries(ways)) {
        test(`${aligned ? "in a source's own slots" : "behind an exchange"}, ${way}`, async () => {
          await fc.assert(
            fc.asyncProperty(
              fc.array(someBought, { minLength: 1, maxLength: 24 }),
              async (bought) => {
                expect(await served(bought, how, run)).toEqual(plain(bought));
              },
            ),
            { numRuns: rounds({ few: 2, many: 8 }) },
          );
        });
      }
    }
  },
);
