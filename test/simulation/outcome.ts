import { isDeepStrictEqual } from "node:util";
import { readsStream } from "../../runtime/connectors/sources.ts";
import type { RecordId } from "../../runtime/connectors/record-id.ts";
import { unpackPlain } from "../../runtime/serde/msgpack.ts";
import { catchUp } from "../../runtime/slot/catch-up.ts";
import { createEnvironment } from "../../runtime/slot/image/environment.ts";
import { unpackDeadLetters } from "../../runtime/job/dead-letter-objects.ts";
import { readGeneration } from "../../runtime/job/generation.ts";
import { mappedStreamsOf } from "../../runtime/job/feeds.ts";
import { slotOfShard } from "../../runtime/job/slot-ref.ts";
import type { KeyValue } from "../../runtime/graph/key-value.ts";
import {
  firstPositionOfGroup,
  groupOfKey,
  groupsOfRange,
  type HashRange,
  positionOfPartitionKey,
  rangeContains,
} from "../../runtime/serde/hash-space.ts";
import type { SlotImage } from "../../runtime/slot/image/slot-image.ts";
import { documentsOf, placeOfFile } from "./finished-files.ts";
import { takenLines } from "./feed-files.ts";
import { openedAppended } from "./opened.ts";
import { refusedRows, type WrittenLetter } from "./refused-rows.ts";
import { broadcastEntries } from "./shapes/broadcast-entries.ts";
import { standingRows } from "./standing-rows.ts";
import { type Appended, type Outcome, type SourceShard, stateKey } from "./shape.ts";
import type { World } from "./world.ts";

/** What has come out of a world whose job has ended. */
export async function outcomeOf(world: World): Promise<Outcome> {
  const letters = deadLettersOf(world);
  return {
    tables: tablesOf(world, letters),
    appended: appendedOf(world),
    files: filesOf(world),
    deadLetters: letters.flatMap(({ letter }) => (letter.kind === "write-refused" ? [] : [letter])),
    state: await stateOf(world),
    ...takenOf(world),
  };
}

/** What was put, and, of a job that was drained, what of it was taken. */
function takenOf({
  plan,
  stores,
  watched,
  isDrained,
  traffic,
}: World): Pick<Outcome, "sources" | "isTaken"> {
  const taken = new Set<Uint8Array>();
  const sources = new Map<string, readonly SourceShard[]>();
  const lastOf = (slot: string): number =>
    isDrained ? watched.living.cursorOf(slot) : Number.POSITIVE_INFINITY;
  for (const source of plan.sources) {
    const { uid, stream } = source;
    if (!readsStream(source)) {
      const own = traffic.files.filter((file) => file.stream === stream);
      const shards = own.map((file) => takenLines(file, lastOf(`${uid}/${file.shardId}`)));
      for (const { records } of shards) for (const { data } of records) taken.add(data);
      sources.set(stream, shards);
      continue;
    }
    const shards = stores.streams.shards(stream).map((shard) => {
      const { shardId, parents, records, firstHash, lastHash } = shard;
      const last = lastOf(`${uid}/${shardId}`);
      const own = records.filter(({ sequence }) => Number(sequence) <= last);
      for (const { data } of own) taken.add(data);
      return { shardId, parents, range: { firstHash, lastHash }, records: own };
    });
    sources.set(stream, shards);
  }
  return isDrained ? { sources, isTaken: (data) => taken.has(data) } : { sources };
}

/** What tables hold of the job's own history, and what dead letters hold since a table refused it. */
function tablesOf(
  { plan, watched, graph }: World,
  letters: readonly WrittenLetter[],
): Outcome["tables"] {
  const tables = new Map<string, readonly Readonly<Record<string, unknown>>[]>();
  for (const { type, target } of plan.sinks)
    if (type === "dynamodb")
      tables.set(target, [
        ...standingRows(watched, target),
        ...refusedRows(graph, target, letters),
      ]);
  return tables;
}

function appendedOf({ plan, stores, watched }: World): Outcome["appended"] {
  const { lineage } = watched;
  const appended = new Map<string, Appended>();
  for (const { type, target } of plan.sinks) {
    if (type !== "kinesis") continue;
    const values: unknown[] = [];
    const ids: RecordId[] = [];
    const abandoned: unknown[] = [];
    let duplicates = 0;
    const seen = new Set<string>();
    for (const { records } of stores.streams.shards(target)) {
      for (const { data } of records) {
        const record = openedAppended(data);
        if (record === undefined) continue;
        const { slot, generation, version } = record.id;
        // What was sent behind the cut of an epoch that was restored is sent again.
        if (!lineage.isLive(generation, slot.slice(slot.indexOf("/") + 1), version)) {
          abandoned.push(record.value);
          continue;
        }
        const id = JSON.stringify(record.id);
        if (seen.has(id)) duplicates += 1;
        else {
          seen.add(id);
          values.push(record.value);
          ids.push(record.id);
        }
      }
    }
    appended.set(target, { values, abandoned, ids, duplicates });
  }
  return appended;
}

/** What was made visible behind the cut of an epoch that was restored stays visible, and comes again in other files. */
function filesOf({ plan, stores, watched }: World): Outcome["files"] {
  const files = new Map<string, readonly unknown[]>();
  for (const { type, target } of plan.sinks) {
    if (type !== "files") continue;
    const own = stores.files.list(`${target}/`).filter((key) => {
      const { generation, slot, version } = placeOfFile(key);
      return watched.lineage.isLive(generation, slot, version);
    });
    const documents = own.flatMap((key) => documentsOf(stores.files.get(key)!));
    files.set(target, documents);
  }
  return files;
}

function deadLettersOf(world: World): readonly WrittenLetter[] {
  const { plan, stores, watched } = world;
  const { lineage } = watched;
  return stores.objects
    .list(`${plan.job}/`)
    .filter((key) => {
      const [, generation = "", kind] = key.split("/");
      if (kind !== "dead-letters") return false;
      const letter = watched.of(Number(generation)).deadLetter(key);
      return (
        letter !== undefined && lineage.isLive(Number(generation), letter.slot, letter.version)
      );
    })
    .flatMap((key) => {
      const generation = Number(key.split("/")[1]);
      return unpackDeadLetters(stores.objects.get(key)!).map((letter) => ({ generation, letter }));
    });
}

/**
 * The committed state of every key, as a new environment loads it. It is in the slots that live, and in a sealed one as far as
 * a child has not taken over yet: a job may end before that.
 */
async function stateOf(world: World): Promise<Outcome["state"]> {
  const job = { ...world.jobRuntime(), ports: world.outsidePorts() };
  const environment = createEnvironment(job);
  const generation = await readGeneration(job.ports, job.plan.job);
  const states = new Map<string, Map<string, unknown>>();
  if (generation === undefined) return states;
  for (const stream of mappedStreamsOf(job.plan, job.names)) {
    const images = new Map<string, SlotImage>();
    const shards = world.stores.streams.shards(stream);
    for (const { shardId } of shards) {
      const image = await catchUp(environment, generation, slotOfShard(job, stream, shardId));
      if (image !== undefined) images.set(shardId, image);
    }
    const orphans = shards.filter(({ shardId }) => !images.has(shardId));
    for (const [shardId, image] of images) {
      if (!image.sealed) addState(world, states, { image, within: undefined });
      if (!image.sealed) addBroadcast(world, states, image);
      else
        for (const orphan of orphans.filter(({ parents }) => parents.includes(shardId)))
          addState(world, states, { image, within: orphan });
    }
  }
  return states;
}

interface StateShare {
  readonly image: SlotImage;
  /** Keys that lie in this part of the hash space; all where it is absent. */
  readonly within: HashRange | undefined;
}

function addState(
  world: World,
  states: Map<string, Map<string, unknown>>,
  { image, within }: StateShare,
): void {
  for (const subtask of image.program.subtasks.values()) {
    const { stage, cells, keys, key, cell, mapKey, committed } = subtask.state.snapshot();
    const positions = keys.map((each) => positionOf(world, subtask.stage.kind, each));
    for (const [at, value] of committed.entries()) {
      if (within !== undefined && !rangeContains(within, positions[key[at]!]!)) continue;
      const name = `${stage}/${cells[cell[at]!]}`;
      const place = stateKey(keys[key[at]!], mapKey[at] ?? undefined);
      let entries = states.get(name);
      if (entries === undefined) states.set(name, (entries = new Map()));
      if (entries.has(place)) world.fail(`two slots hold state ${name} of ${place}`);
      entries.set(place, value instanceof Uint8Array ? unpackPlain(value) : value);
    }
  }
}

/** Each slot has all of it: whatever two of them have differently is wrong. */
function addBroadcast(
  world: World,
  states: Map<string, Map<string, unknown>>,
  { program, meta }: SlotImage,
): void {
  if (groupsOfRange(meta.range, world.plan.maxParallelism) === undefined) return;
  for (const { stage, broadcast } of program.subtasks.values()) {
    const own = broadcastEntries(broadcast.snapshot());
    for (const name of own.keys()) {
      const known = states.get(`${stage.id}/${name}`);
      if (known !== undefined && !isDeepStrictEqual(known, own.get(name)))
        world.fail(`the slots' copies of broadcast state ${name} differ`);
      states.set(`${stage.id}/${name}`, own.get(name)!);
    }
  }
}

function positionOf({ plan }: World, stage: string, key: KeyValue): string {
  if (stage === "aligned") return positionOfPartitionKey(String(key));
  const group = groupOfKey(key, plan.maxParallelism);
  return firstPositionOfGroup(group, plan.maxParallelism);
}
