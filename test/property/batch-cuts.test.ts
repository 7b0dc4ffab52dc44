import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { catchUp } from "../../runtime/slot/catch-up.ts";
import { mappedStreamsOf } from "../../runtime/job/feeds.ts";
import { slotOfShard } from "../../runtime/job/slot-ref.ts";
import type { Deadline } from "../../runtime/ports/index.ts";
import { unpackPlain } from "../../runtime/serde/msgpack.ts";
import { driver, rowsOf, slotWorld, type SlotWorld } from "../integration/slot-world.ts";
import { plainVisits, type Visit, visitsJob } from "../integration/visits-job.ts";
import { rounds } from "../rounds.ts";

const byUser = (visit: Visit): string => visit.user;

interface Cuts {
  readonly visits: readonly Visit[];
  /** The visits are put in so many portions. */
  readonly portions: number;
  /** Endless rolls of the dice: each is 0 to 255. */
  readonly roll: () => number;
  readonly environments: number;
  readonly aligned: boolean;
  readonly ringSize: number;
  /** A step ends with so many outputs, and an invocation when it has looked at its time so often. */
  readonly stepMax?: number;
  /** Shards of both streams are split and merged between the portions. */
  readonly reshards?: boolean;
}

async function result(cuts: Cuts) {
  const { visits, portions, roll, aligned, ringSize } = cuts;
  const world = await slotWorld(visitsJob({ aligned }), {
    sourceShards: 2,
    exchangeShards: 2,
    settings: {
      ringSize,
      ...(cuts.stepMax !== undefined && { stepMaxWrites: cuts.stepMax, stepMaxSent: cuts.stepMax }),
    },
  });
  const environments = Array.from({ length: cuts.environments }, () => world.environment());
  const pick = () => environments[roll() % environments.length]!;
  const round = world.coordinator(pick);
  const feed = driver({
    world,
    pick,
    batchSize: () => 1 + (roll() % 30),
    ...(cuts.stepMax !== undefined && { deadline: () => shortTime(roll()) }),
    redelivers: () => roll() % 4 === 0,
    order: (ids) => (roll() % 2 === 0 ? ids : ids.toReversed()),
  });
  const size = Math.ceil(visits.length / portions);
  for (let at = 0; at < visits.length; at += size) {
    await world.put("visits", visits.slice(at, at + size), byUser);
    if (cuts.reshards === true) await reshard(world, roll);
    for (let pumps = roll() % 4; pumps > 0; pumps--) await feed.pump();
    world.clock.advance(300);
    await round();
  }
  // Everything that was put is done, and every watermark has arrived.
  for (let rounds = 0; rounds < 5; rounds++) {
    while (await feed.pump());
    await round();
  }
  const states = await statesOf(world);
  await world.ports.admin.endStream("visits");
  await feed.untilEnded(round);
  return {
    states,
    counts: await rowsOf(world.ports, "counts"),
    sessions: await rowsOf(world.ports, "sessions"),
    totals: await rowsOf(world.ports, "totals"),
  };
}

/** Time that passes with each look at it. */
function shortTime(roll: number): Deadline | undefined {
  let leftMs = 1_000;
  return roll % 2 === 0 ? undefined : { remainingMs: () => (leftMs -= 20 + roll) };
}

/** Splits or merges some open shard of one of the streams, or leaves it. */
async function reshard({ ports, exchange }: SlotWorld, roll: () => number): Promise<void> {
  const stream = roll() % 2 === 0 ? "visits" : exchange;
  const open = (await ports.reader.listShards(stream))
    .filter(({ closed }) => !closed)
    .sort((a, b) => (a.firstHash < b.firstHash ? -1 : 1));
  const at = roll() % open.length;
  const [shard, next] = [open[at]!, open[at + 1]];
  if (roll() % 2 === 0 && open.length < 6) await ports.admin.split(stream, shard.shardId);
  else if (next !== undefined) await ports.admin.merge(stream, shard.shardId, next.shardId);
}

/** The committed state of every slot, as a new environment loads it: one line for each entry. */
async function statesOf(world: SlotWorld): Promise<readonly string[]> {
  const environment = world.environment();
  const lines: string[] = [];
  for (const stream of mappedStreamsOf(world.runtime.plan, world.runtime.names)) {
    for (const { shardId } of await world.ports.reader.listShards(stream)) {
      const slot = slotOfShard(world.runtime, stream, shardId);
      const image = await catchUp(environment, world.generation, slot);
      for (const subtask of image?.program.subtasks.values() ?? []) {
        const { stage, cells, keys, key, cell, mapKey, committed } = subtask.state.snapshot();
        lines.push(`${slot.name} ${stage} ${subtask.watermarkMs}`);
        for (const [at, value] of committed.entries()) {
          const held = value instanceof Uint8Array ? unpackPlain(value) : value;
          const place = [keys[key[at]!], cells[cell[at]!], mapKey[at]];
          lines.push(`${slot.name} ${stage} ${JSON.stringify(place)} ${JSON.stringify(held)}`);
        }
      }
    }
  }
  return lines.sort();
}

const someVisit: fc.Arbitrary<Visit> = fc.record({
  user: fc.integer({ min: 0, max: 5 }).map((user) => `u${user}`),
  atMs: fc.integer({ min: 0, max: 6_000 }).map((step) => 100_000 + step * 10),
});

const rolls = fc.infiniteStream(fc.nat(255));
const numRuns = rounds({ few: 5, many: 40 });

describe("where the input is cut into batches, and who serves them, changes nothing", () => {
  for (const aligned of [false, true]) {
    test(`${aligned ? "aligned stages" : "stages behind an exchange"}: tables and states are those of one environment`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(someVisit, { minLength: 1, maxLength: 80 }),
          rolls,
          fc.integer({ min: 1, max: 4 }),
          fc.integer({ min: 1, max: 10 }),
          fc.constantFrom(4, 512),
          fc.constantFrom(undefined, 1, 3),
          async (visits, dice, environments, portions, ringSize, stepMax) => {
            const roll = () => dice.next().value as number;
            const cut = await result({
              visits,
              portions,
              roll,
              environments,
              aligned,
              ringSize,
              ...(stepMax !== undefined && { stepMax }),
            });
            const whole = await result({
              visits,
              portions: 1,
              roll: () => 253,
              environments: 1,
              aligned,
              ringSize: 512,
            });
            expect(cut).toEqual(whole);
            expect(cut).toEqual({ ...plainVisits(visits), states: cut.states });
          },
        ),
        { numRuns },
      );
    });
  }

  for (const aligned of [false, true]) {
    test(`${aligned ? "aligned stages" : "stages behind an exchange"}: tables are those of a plain computation while shards split and merge`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(someVisit, { minLength: 1, maxLength: 60 }),
          rolls,
          fc.integer({ min: 1, max: 3 }),
          fc.constantFrom(4, 512),
          fc.constantFrom(undefined, 1, 3),
          async (visits, dice, environments, ringSize, stepMax) => {
            const roll = () => dice.next().value as number;
            const portions = 8;
            const cut = await result({
              visits,
              portions,
              roll,
              environments,
              aligned,
              ringSize,
              ...(stepMax !== undefined && { stepMax }),
              reshards: true,
            });
            expect(cut).toEqual({ ...plainVisits(visits), states: cut.states });
          },
        ),
        { numRuns },
      );
    });
  }
});
