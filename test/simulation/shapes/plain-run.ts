import { decodeAppended } from "../../../runtime/connectors/index.ts";
import type { RecordId } from "../../../runtime/connectors/index.ts";
import { readsStream } from "../../../runtime/connectors/sources.ts";
import { memoryObjectStore } from "../../../runtime/embedded/memory-object-store.ts";
import { buildPlan } from "../../../runtime/planner/build-plan.ts";
import { unpackPlain } from "../../../runtime/serde/msgpack.ts";
import { catchUp } from "../../../runtime/slot/catch-up.ts";
import { readDeadLetters } from "../../../runtime/job/dead-letter-objects.ts";
import { mappedStreamsOf } from "../../../runtime/job/feeds.ts";
import { slotOfShard } from "../../../runtime/job/slot-ref.ts";
import { filesOfFeed } from "../feed-files.ts";
import { broadcastEntries } from "./broadcast-entries.ts";
import { driver, slotWorld, type SlotWorld } from "../../integration/slot-world.ts";
import { documentsOf } from "../finished-files.ts";
import {
  type Appended,
  type Outcome,
  type ShapeCase,
  type SourceShard,
  stateKey,
} from "../shape.ts";

const utf8 = new TextDecoder();

export interface PlainRunOptions {
  readonly shards: number;
  /** Records of each put, and of each batch. */
  readonly portion?: number;
}

/** Runs a case to its end, without faults, by one environment. */
export async function plainRun(
  { job, feed }: ShapeCase,
  { shards, portion = 60 }: PlainRunOptions,
): Promise<Outcome> {
  const files = memoryObjectStore();
  for (const { key, content } of filesOfFeed(buildPlan(job.graph), feed))
    await files.put(key, content);
  const world = await slotWorld(job, {
    ports: { files },
    sourceShards: shards,
    exchangeShards: shards,
  });
  const streams = world.runtime.plan.sources.filter(readsStream).map(({ stream }) => stream);
  const environment = world.environment();
  const pick = () => environment;
  const batches = driver({ world, pick, batchSize: () => portion });
  const round = world.coordinator(pick);
  for (let at = 0; at < feed.length; at += portion) {
    for (const { stream, partitionKey, data } of feed.slice(at, at + portion))
      if (streams.includes(stream)) await world.ports.writer.put(stream, [{ partitionKey, data }]);
    while (await batches.pump());
    world.clock.advance(300);
    await round();
  }
  for (const stream of new Set(streams)) await world.ports.admin.endStream(stream);
  await batches.untilEnded(round, 300);
  return await outcomeOf(world);
}

async function outcomeOf(world: SlotWorld): Promise<Outcome> {
  const { plan } = world.runtime;
  const tables = new Map<string, Readonly<Record<string, unknown>>[]>();
  const appended = new Map<string, Appended>();
  const files = new Map<string, readonly unknown[]>();
  for (const { type, target } of plan.sinks) {
    if (type === "kinesis") appended.set(target, await appendedOf(world, target));
    else if (type === "files") {
      const documents: unknown[] = [];
      for await (const key of world.ports.files.list(`${target}/`))
        documents.push(...documentsOf((await world.ports.files.get(key))!));
      files.set(target, documents);
    } else {
      const rows: Readonly<Record<string, unknown>>[] = [];
      for await (const row of world.ports.tables.scan(target)) rows.push(row);
      tables.set(target, rows);
    }
  }
  const deadLetters = await readDeadLetters(world.ports.objects, `${plan.job}/1/dead-letters/`);
  const sources = new Map<string, readonly SourceShard[]>();
  for (const { stream } of plan.sources.filter(readsStream))
    sources.set(stream, await shardsOf(world, stream));
  return { tables, appended, files, deadLetters, state: await stateOf(world), sources };
}

async function shardsOf(world: SlotWorld, stream: string): Promise<readonly SourceShard[]> {
  const shards = await world.ports.reader.listShards(stream);
  return await Promise.all(
    shards.map(async ({ shardId, parents }) => ({
      shardId,
      parents,
      records: await world.records(stream, shardId),
    })),
  );
}

async function appendedOf(world: SlotWorld, stream: string): Promise<Appended> {
  const values: unknown[] = [];
  const ids: RecordId[] = [];
  const known = new Set<string>();
  let duplicates = 0;
  for (const { shardId } of await world.ports.reader.listShards(stream)) {
    for (const { data } of await world.records(stream, shardId)) {
      const record = decodeAppended(JSON.parse(utf8.decode(data)))!;
      const id = JSON.stringify(record.id);
      if (known.has(id)) duplicates += 1;
      else {
        known.add(id);
        ids.push(record.id);
        values.push(record.value);
      }
    }
  }
  return { values, duplicates, ids };
}

/** The committed state of all open slots, as a new environment loads it. */
async function stateOf(world: SlotWorld): Promise<Outcome["state"]> {
  const environment = world.environment();
  const state = new Map<string, Map<string, unknown>>();
  for (const stream of mappedStreamsOf(world.runtime.plan, world.runtime.names)) {
    for (const { shardId } of await world.ports.reader.listShards(stream)) {
      const slot = slotOfShard(world.runtime, stream, shardId);
      const image = await catchUp(environment, world.generation, slot);
      if (image === undefined || image.sealed) continue;
      for (const subtask of image.program.subtasks.values()) {
        for (const [name, entries] of broadcastEntries(subtask.broadcast.snapshot()))
          state.set(`${subtask.stage.id}/${name}`, entries);
        const { stage, cells, keys, key, cell, mapKey, committed } = subtask.state.snapshot();
        for (const [at, value] of committed.entries()) {
          const held = value instanceof Uint8Array ? unpackPlain(value) : value;
          const name = `${stage}/${cells[cell[at]!]}`;
          const entries = state.get(name) ?? new Map<string, unknown>();
          state.set(name, entries.set(stateKey(keys[key[at]!], mapKey[at]), held));
        }
      }
    }
  }
  return state;
}
