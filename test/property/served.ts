import { expect } from "vitest";
import type { JobDefinition } from "../../runtime/index.ts";
import { driver, rowsOf, slotWorld } from "../integration/slot-world.ts";

export interface Served {
  /** Shards of the source and of the exchange. */
  readonly shards: number;
  readonly batchSize: number;
  /** Every batch is served by an environment that knows nothing yet. */
  readonly isCold: boolean;
}

export const ways: Readonly<Record<string, Served>> = {
  "warm, in large batches": { shards: 1, batchSize: 100, isCold: false },
  "warm, one by one": { shards: 1, batchSize: 1, isCold: false },
  "cold, in batches": { shards: 1, batchSize: 3, isCold: true },
  "cold, one by one": { shards: 1, batchSize: 1, isCold: true },
  "over four shards": { shards: 4, batchSize: 5, isCold: false },
  "over four shards, cold": { shards: 4, batchSize: 2, isCold: true },
};

export interface ServedJob<T> {
  readonly job: JobDefinition;
  /** Its one source, of what is put there, and by which partition key. */
  readonly stream: string;
  readonly items: readonly T[];
  readonly key: (item: T) => string;
  readonly tables: readonly string[];
}

/** Runs a job to its end, and answers the rows of its tables. */
export async function served<T extends object>(
  { job, stream, items, key, tables }: ServedJob<T>,
  how: Served,
): Promise<Record<string, readonly string[]>> {
  const world = await slotWorld(job, { sourceShards: how.shards, exchangeShards: how.shards });
  const warm = world.environment();
  const pick = () => (how.isCold ? world.environment() : warm);
  const round = world.coordinator(pick);
  const feed = driver({ world, pick, batchSize: () => how.batchSize });
  // Twice, so that the watermark passes windows to which elements come afterwards.
  const half = Math.ceil(items.length / 2);
  for (const some of [items.slice(0, half), items.slice(half)]) {
    await world.put(stream, some, key);
    while (await feed.pump());
    world.clock.advance(300);
    await round();
    while (await feed.pump());
  }
  await world.ports.admin.endStream(stream);
  await feed.untilEnded(round);
  expect(world.alarms).toEqual([]);
  const rows = tables.map(async (table) => [table, await rowsOf(world.ports, table)] as const);
  return Object.fromEntries(await Promise.all(rows));
}
