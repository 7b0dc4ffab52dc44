import { describe, expect, test } from "vitest";
import { gatedPorts, pausingGate } from "../../integration/gated-ports.ts";
import { driver, rowsOf, slotWorld, type SlotWorld } from "../../integration/slot-world.ts";
import { plainVisits, someVisits, type Visit, visitsJob } from "../../integration/visits-job.ts";
import { mappedStreamsOf } from "../../../runtime/job/feeds.ts";
import { slotOfShard, logNameOf } from "../../../runtime/job/slot-ref.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { rounds } from "../../rounds.ts";

const visits = someVisits(96, { users: 6 });
const plain = plainVisits(visits);
const byUser = (visit: Visit): string => visit.user;
const tableNames = ["counts", "sessions", "totals"] as const;

async function tablesOf({ ports }: SlotWorld) {
  const tables: Record<string, readonly string[]> = {};
  for (const name of tableNames) tables[name] = await rowsOf(ports, name);
  return tables;
}

/** Every row of every log: version, writer and kind. */
async function logsOf({ runtime, ports, generation }: SlotWorld): Promise<readonly string[]> {
  const rows: string[] = [];
  for (const stream of mappedStreamsOf(runtime.plan, runtime.names)) {
    for (const { shardId } of await ports.reader.listShards(stream)) {
      const slot = slotOfShard(runtime, stream, shardId);
      for (const row of await ports.log.readAll(logNameOf("visits", generation, slot)))
        rows.push(`${slot.name} ${row.version} ${row.nonce} ${row.kind}`);
    }
  }
  return rows;
}

interface Scenario {
  /** Which slot the zombie serves. */
  readonly stream: string;
  /** What happens besides while it is held. */
  readonly takeover: boolean;
  readonly ringSize: number;
}

/** Holds an environment after `pass` calls of its ports; answers where, or undefined when it got through. */
async function overlap(
  { stream, takeover, ringSize }: Scenario,
  pass: number,
): Promise<string | undefined> {
  const world = await slotWorld(visitsJob(), { settings: { ringSize, inlineMaxBytes: 600 } });
  const { gate, holdAfter, release } = pausingGate();
  const zombie = world.environment(gatedPorts(world.ports, gate));
  const other = world.environment();
  const pick = () => other;
  const round = world.coordinator(pick);
  const feed = driver({ world, pick, batchSize: () => 6 });
  const [first] = await world.ports.reader.listShards(stream);
  const shardId = first!.shardId;

  // Both are warm: what they hold of the slot is a prefix.
  await world.put("visits", visits.slice(0, 24), byUser);
  while (await feed.pump());
  await round();
  const before = await world.records(stream, shardId);
  await processBatch(zombie, { stream, shardId, records: before });
  while (await feed.pump());

  // The zombie takes what is new and is held; the other serves the same records, and many later ones.
  await world.put("visits", visits.slice(24, 36), byUser);
  if (stream !== "visits") {
    while (await feed.pump("visits"));
    await round();
  }
  const known = stream === "visits" ? 24 : before.length;
  const records = (await world.records(stream, shardId)).slice(known);
  expect(records.length).toBeGreaterThan(0);
  const held = holdAfter(pass);
  const batch = processBatch(zombie, { stream, shardId, records }).catch((thrown: unknown) => {
    if ((thrown as { retryable?: boolean }).retryable !== true) throw thrown;
  });
  const place = await Promise.race([held, batch.then(() => undefined)]);
  if (takeover) await world.ports.admin.split(stream, shardId);
  await world.put("visits", visits.slice(36, 84), byUser);
  while (await feed.pump());
  world.clock.advance(300);
  await round();
  while (await feed.pump());

  const tables = await tablesOf(world);
  const logs = await logsOf(world);
  release();
  await batch;
  await processBatch(zombie, { stream, shardId, records });
  expect(await tablesOf(world), `tables after a pause at ${place}`).toEqual(tables);
  expect(await logsOf(world), `logs after a pause at ${place}`).toEqual(logs);

  // What it sent late lies in the exchange: nothing of it may be applied again.
  await world.put("visits", visits.slice(84), byUser);
  await world.ports.admin.endStream("visits");
  await feed.untilEnded(round);
  expect(await tablesOf(world), `result after a pause at ${place}`).toEqual(plain);
  return place;
}

describe("an overlapping invocation that wakes up late neither delivers nor commits", () => {
  for (const stream of ["visits", "visits-exchange"]) {
    for (const takeover of [true, false].slice(0, rounds({ few: 1, many: 2 }))) {
      for (const ringSize of [4, 512].slice(0, rounds({ few: 1, many: 2 }))) {
        const what = `${takeover ? "its shard was split and taken over" : "others went on"}, ring of ${ringSize}`;
        test(`held at each await of a batch of ${stream} while ${what}`, async () => {
          const places: string[] = [];
          for (let pass = 0; pass < 200; pass++) {
            const place = await overlap({ stream, takeover, ringSize }, pass);
            if (place === undefined) break;
            places.push(place);
          }
          // Held before and after the commit, its deliveries and its progress row: all of a batch.
          const sends = stream === "visits" ? "writer.put" : "tables.write";
          for (const call of ["log.read", "log.append", sends, "control.put"])
            expect(places).toEqual(expect.arrayContaining([call, `${call} done`]));
        });
      }
    }
  }
});
