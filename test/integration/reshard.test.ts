import { describe, expect, test } from "vitest";
import { driver, rowsOf, slotWorld, type SlotWorld, type SlotWorldOptions } from "./slot-world.ts";
import { plainVisits, someVisits, type Visit, visitsJob } from "./visits-job.ts";

const shardsOf = async (world: SlotWorld, stream: string) =>
  (await world.ports.reader.listShards(stream)).filter(({ closed }) => !closed);

const byUser = (visit: Visit): string => visit.user;

interface Run extends SlotWorldOptions {
  readonly aligned?: boolean;
  readonly visits: readonly Visit[];
  readonly order?: (ids: readonly string[]) => readonly string[];
  readonly batchSize?: number;
  /** Called after each tenth of the visits was put. */
  readonly reshard: (world: SlotWorld, tenth: number) => Promise<void>;
  /** Pumps between the tenths; without, everything is put and resharded before anybody reads. */
  readonly pumps?: boolean;
}

async function run({
  visits,
  reshard,
  aligned = false,
  order,
  batchSize = 20,
  pumps = true,
  ...options
}: Run) {
  const world = await slotWorld(visitsJob({ aligned }), {
    sourceShards: 2,
    exchangeShards: 2,
    ...options,
  });
  const environments = [world.environment(), world.environment()];
  let turn = 0;
  const pick = () => environments[turn++ % 2]!;
  const round = world.coordinator(pick);
  const feed = driver({ world, pick, batchSize: () => batchSize, ...(order && { order }) });
  const tenth = Math.ceil(visits.length / 10);
  for (let at = 0; at < 10; at++) {
    await world.put("visits", visits.slice(at * tenth, (at + 1) * tenth), byUser);
    await reshard(world, at);
    world.clock.advance(300);
    if (pumps) {
      await feed.pump();
      await round();
      await feed.pump();
    }
  }
  await world.ports.admin.endStream("visits");
  await feed.untilEnded(round);
  return {
    counts: await rowsOf(world.ports, "counts"),
    sessions: await rowsOf(world.ports, "sessions"),
    totals: await rowsOf(world.ports, "totals"),
  };
}

async function splitFirst(world: SlotWorld, stream: string): Promise<void> {
  const [first] = await shardsOf(world, stream);
  await world.ports.admin.split(stream, first!.shardId);
}

async function mergeTwo(world: SlotWorld, stream: string): Promise<void> {
  const open = (await shardsOf(world, stream)).toSorted((a, b) =>
    a.firstHash < b.firstHash ? -1 : 1,
  );
  if (open.length > 1) await world.ports.admin.merge(stream, open[0]!.shardId, open[1]!.shardId);
}

const visits = someVisits(400);
const plain = plainVisits(visits);
const reversed = (ids: readonly string[]) => ids.toReversed();

describe("resharding in mid-run gives the result of a run without", () => {
  test("when nothing is resharded", async () => {
    expect(await run({ visits, reshard: async () => {} })).toEqual(plain);
  });

  for (const aligned of [false, true]) {
    const kind = aligned ? "aligned windows" : "windows behind an exchange";
    for (const stream of aligned ? ["visits"] : ["visits", "visits-exchange"]) {
      test(`${kind}: shards of ${stream} are split and merged again and again`, async () => {
        const reshard = (world: SlotWorld, at: number) =>
          at % 3 === 2 ? mergeTwo(world, stream) : splitFirst(world, stream);
        expect(await run({ visits, aligned, reshard })).toEqual(plain);
      });

      test(`${kind}: children of ${stream} are handed over before their parents`, async () => {
        const reshard = (world: SlotWorld, at: number) =>
          at % 4 === 3 ? mergeTwo(world, stream) : splitFirst(world, stream);
        expect(await run({ visits, aligned, reshard, order: reversed })).toEqual(plain);
      });

      test(`${kind}: shards of ${stream} are split three times over before anybody read`, async () => {
        const reshard = async (world: SlotWorld, at: number) => {
          if (at % 3 === 0) await splitFirst(world, stream);
        };
        expect(await run({ visits, aligned, reshard, pumps: false, order: reversed })).toEqual(
          plain,
        );
      });
    }
  }

  test("when a slot has made more commits than its ring has places", async () => {
    const reshard = async (world: SlotWorld, at: number) => {
      if (at === 6) await splitFirst(world, "visits-exchange");
      if (at === 7) await splitFirst(world, "visits");
    };
    const settings = { ringSize: 4 };
    expect(await run({ visits, reshard, settings, batchSize: 5 })).toEqual(plain);
  });
});
