import { deploymentError, storeError } from "../errors/millrace-error.ts";
import { type Block, packElements } from "../exchange/frame.ts";
import type { Shard } from "../ports/index.ts";
import { groupsOfRange, type HashRange } from "../serde/hash-space.ts";
import { catchUp } from "./catch-up.ts";
import { publishProgress } from "./commit/publish-progress.ts";
import { bodyOfMeta, type CommitBody } from "./image/commit-body.ts";
import { carriedCut } from "./image/cut-meta.ts";
import { appendBody, noteAppended, settle } from "./commit/commit-step.ts";
import { withStaged } from "./commit/stage.ts";
import type { SlotEnvironment } from "./image/environment.ts";
import type { Generation } from "../job/generation.ts";
import { guardHeap } from "./image/heap-guard.ts";
import { broadcastGiver } from "../job/broadcast-giver.ts";
import { splitReaderOf } from "../job/feeds.ts";
import { inheritMeta } from "../job/inherit-meta.ts";
import { emptyImage } from "./image/load-image.ts";
import { ownsKeyOf } from "../job/ownership.ts";
import { readFromCursor } from "./self-read.ts";
import { broadcastOf, type SlotImage } from "./image/slot-image.ts";
import { slotPhase } from "./image/slot-phase.ts";
import type { SlotMeta } from "../job/slot-meta.ts";
import { slotOfShard, type SlotRef } from "../job/slot-ref.ts";
import { takeRecords } from "./take-records.ts";

/** Rounds of helping in one invocation; what is left is for the next one. */
const helpRoundsMax = 200;
/** A parent is closed, since it has a child; its end may be told a little later. */
const endPollMs = 250;

/**
 * Makes a slot from its parents (protocol 5.1): reads them to their end as they would have, seals their logs, and commits a
 * row with their state. Answers undefined for a shard that a list shows without an ancestor among the generation's slots.
 * @throws a retryable MillraceError `shard-unlisted` where the list is older than the shard: it may be anybody's child.
 */
export async function takeOver(
  environment: SlotEnvironment,
  generation: Generation,
  slot: SlotRef,
): Promise<SlotImage | undefined> {
  const shards = await splitReaderOf(environment.job, slot).list();
  const listed = new Map(shards.map((shard): [string, Shard] => [shard.shardId, shard]));
  // protocol 5.4: who it descends from is not known yet.
  if (!listed.has(slot.shardId)) throw unlisted(slot);
  return await takeOverListed({ environment, generation, listed, foreign: new Set() }, slot);
}

interface Descent {
  readonly environment: SlotEnvironment;
  readonly generation: Generation;
  /** One list for all ancestors: whoever it shows, it shows with those of his ancestors that are retained. */
  readonly listed: ReadonlyMap<string, Shard>;
  /** Shards that were found to be foreign: each split that is merged again doubles the ways to what was before it. */
  readonly foreign: Set<string>;
}

async function takeOverListed(descent: Descent, slot: SlotRef): Promise<SlotImage | undefined> {
  const { environment, generation, listed, foreign } = descent;
  const shard = listed.get(slot.shardId);
  // It is an ancestor that is not retained any more.
  if (shard === undefined) return undefined;
  const parents: SlotImage[] = [];
  for (const parentId of shard.parents) {
    if (foreign.has(parentId)) continue;
    const parentSlot = slotOfShard(environment.job, slot.stream, parentId);
    const parent =
      (await catchUp(environment, generation, parentSlot)) ??
      (await takeOverListed(descent, parentSlot));
    if (parent !== undefined) parents.push(parent);
  }
  if (parents.length === 0) {
    foreign.add(slot.shardId);
    return undefined;
  }
  // protocol 6.7: where one parent is sealed without a share in the epoch of the stop, that epoch can't complete any more.
  const isBegun = parents.some(({ sealed }) => sealed);
  const sealed: SlotImage[] = [];
  for (const parent of parents)
    sealed.push(await sealDrained(environment, generation, parent, isBegun || sealed.length > 0));
  environment.note("takeovers");
  return await commitTakeover(environment, { generation, slot, shard, parents: sealed });
}

/** Processes what the parent has not consumed, as the parent; then seals its log, so that no zombie of it can commit. */
async function sealDrained(
  environment: SlotEnvironment,
  generation: Generation,
  found: SlotImage,
  isBegun: boolean,
): Promise<SlotImage> {
  const { clock } = environment.job.ports;
  const { selfReadMaxMs, selfReadMaxRecords: maxRecords } = environment.job.settings;
  let parent = found;
  let movedMs = clock.nowMs();
  for (let round = 0; round < helpRoundsMax; round++) {
    const phase = slotPhase(parent);
    if (phase === "sealed") return parent;
    if (clock.nowMs() - movedMs > selfReadMaxMs) break;
    if ((phase === "stopped" || phase === "drained") && !isBegun) throw stopped(parent);
    // protocol 3.2: timers that are left belong to the parent, which has come to their watermark.
    if (phase === "firing") {
      const rest = { records: [], reachedTip: false, streamEnded: false, isGap: true };
      const taken = await takeRecords(environment, parent, rest);
      parent = taken.image;
      if (taken.outOfTime === true) break;
      movedMs = clock.nowMs();
      continue;
    }
    const hasEnded = phase === "drained" || phase === "ended";
    const read = await readFromCursor(parent, { maxRecords, time: environment.time });
    // What a drained source had not read lies behind the end that it has reported.
    if (read.records.length > 0 && !hasEnded) {
      // A record whose user code fails is tried again in the next round, until its attempts are used up.
      // protocol 3.7: nobody was handed these, so they are no fence; 6.7: the parent may be stopped in the middle of it.
      const help = { ...read, streamEnded: false, isHelp: isBegun, isGap: true };
      const taken = await takeRecords(environment, parent, help);
      parent = taken.image;
      if (taken.outOfTime === true) break;
      movedMs = clock.nowMs();
    } else if ((read.ended || hasEnded) && !(await seal(environment, parent))) {
      parent = (await catchUp(environment, generation, parent.slot)) ?? parent;
    } else if (!parent.sealed && read.reachedTip && !read.ended) await clock.sleep(endPollMs);
  }
  throw storeError("takeover-unfinished", {
    message: `Slot ${parent.slot.name} could not be read to its end within one invocation.`,
    next: "The batch is tried again and goes on where this one ended.",
    retryable: true,
  });
}

function stopped({ slot, job }: SlotImage): Error {
  return deploymentError("job-stopping", {
    message: `Slot ${slot.name} was stopped with its job "${job.plan.job}"; nothing takes over from it any more.`,
    next: "The savepoint has its position: restore it to go on.",
    retryable: true,
  });
}

function unlisted({ shardId, stream }: SlotRef): Error {
  return storeError("shard-unlisted", {
    message: `Shard ${shardId} of stream "${stream}" is not in the list of the stream's shards.`,
    next: "A list may be some seconds old: the batch is tried again.",
    retryable: true,
  });
}

async function seal(environment: SlotEnvironment, parent: SlotImage): Promise<boolean> {
  const { cut: _, ...meta } = parent.meta;
  const cut = carriedCut(parent);
  const last = bodyOfMeta({
    ...meta,
    version: meta.version + 1,
    ...(cut === undefined ? {} : { cut }),
  });
  // protocol 6.9: children go on with what is staged.
  const body = await withStaged(parent, last, { all: true });
  const row = await appendBody(environment, parent, { kind: "seal", body });
  if (row === undefined) return false;
  noteAppended(parent, row, body);
  parent.sealed = true;
  parent.deliveredVersion = parent.meta.version;
  await publishProgress(parent);
  return true;
}

interface Takeover {
  readonly generation: Generation;
  readonly slot: SlotRef;
  readonly shard: Shard;
  readonly parents: readonly SlotImage[];
}

async function commitTakeover(
  environment: SlotEnvironment,
  takeover: Takeover,
): Promise<SlotImage | undefined> {
  const { generation, slot, shard, parents } = takeover;
  const { job } = environment;
  const range: HashRange = { firstHash: shard.firstHash, lastHash: shard.lastHash };
  const image = emptyImage(job, generation, slot, range);
  for (const parent of parents) {
    inheritState(image, parent);
    guardHeap(environment, image);
  }
  const giver = broadcastGiver(parents, job.plan.maxParallelism);
  const broadcast = giver === undefined ? [] : broadcastOf(giver);
  const deltas = [...image.program.subtasks.values()].map((subtask) => subtask.state.snapshot());
  const meta = inheritMeta(
    { job, slot, range },
    parents.map((parent) => parent.meta),
  );
  const pending = inheritPending(image, parents, giver);
  const body: CommitBody = {
    meta,
    deltas,
    ...(broadcast.length === 0 ? {} : { broadcast }),
    ...(pending.length === 0 ? {} : { pending }),
    whole: true,
    blocks: blocksToSelf(image, meta),
    writes: [],
    deadLetters: [],
  };
  const row = await appendBody(environment, image, { kind: "takeover", body });
  // Another invocation was faster: its takeover is as good.
  if (row === undefined) return await catchUp(environment, generation, slot);
  const taken = (await catchUp(environment, generation, slot)) as SlotImage;
  await settle(environment, taken, { ...body, blocks: [] });
  return taken;
}

function inheritState(image: SlotImage, parent: SlotImage): void {
  for (const [stage, subtask] of parent.program.subtasks) {
    const own = image.program.subtasks.get(stage);
    own?.state.apply(
      subtask.state.snapshot(),
      ownsKeyOf(subtask.stage.kind, image.meta, image.job),
    );
  }
}

/** protocol 6.6, 4.9: what parents had not applied is for the child, as far as it owns it, or has the copy that it is for. */
function inheritPending(
  image: SlotImage,
  parents: readonly SlotImage[],
  giver: SlotImage | undefined,
): readonly Block[] {
  const own = groupsOfRange(image.meta.range, image.job.plan.maxParallelism);
  if (own === undefined) return [];
  return parents.flatMap((parent) =>
    parent.pending.filter(({ group }) =>
      group === undefined ? parent === giver : own.first <= group && group <= own.last,
    ),
  );
}

/** An empty block to each own group: until it has come back, own groups are served over the wire (protocol 4.4). */
function blocksToSelf(image: SlotImage, meta: SlotMeta): CommitBody["blocks"] {
  const stage = [...image.program.subtasks.keys()][0];
  const [first, last] = meta.sentToSelf[0] ?? [0, -1];
  if (stage === undefined) return [];
  const elements = packElements({ timestamps: [], values: [] });
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    stage,
    group: first + index,
    count: 0,
    elements,
  }));
}
