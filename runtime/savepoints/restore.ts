import { type Manifest, type ManifestSlot, readManifest } from "../checkpoint/manifest.ts";
import { putPart, readInFlight, readPart, type SegmentRef } from "../checkpoint/part.ts";
import { deploymentError, stateError } from "../errors/millrace-error.ts";
import { type Block, type GroupBlock, isForGroup } from "../exchange/frame.ts";
import { objectNames, objectPrefixes, placeOfManifest, rowKeys } from "../layout/names.ts";
import type { Ports } from "../ports/index.ts";
import { fromControlValue, toControlValue } from "../serde/control-value.ts";
import { groupsOfRange, type HashRange } from "../serde/hash-space.ts";
import {
  type Generation,
  onCancelOf,
  publishGeneration,
  readGeneration,
} from "../job/generation.ts";
import type { JobRuntime } from "../job/job-runtime.ts";
import { emptyImage } from "../slot/image/load-image.ts";
import { isMissing } from "../job/missing-object.ts";
import { startingProgress, writeProgress } from "../job/progress.ts";
import type { SlotMeta } from "../job/slot-meta.ts";
import { broadcastGiver } from "../job/broadcast-giver.ts";
import { inheritMeta } from "../job/inherit-meta.ts";
import type { BroadcastDelta } from "../state/broadcast-delta.ts";
import { commitAgain } from "./commit-again.ts";
import { damageOrGone } from "./damage-or-gone.ts";
import { holdManifest } from "./hold.ts";
import { exchangeHome, type Home, mapState, type MappedState } from "./map-state.ts";
import { type Place, placesOf } from "./restored-places.ts";

export interface RestoreOptions {
  /** The job as it is now: state goes to its operators by uid. */
  readonly job: JobRuntime;
  /** Key of the manifest in the job's object store. */
  readonly manifest: string;
  /** State of operators that the job does not have any more is left behind. Default: it is an error. */
  readonly allowNonRestoredState?: boolean;
}

export interface Restored {
  readonly generation: number;
  readonly manifest: Manifest;
  /** Slots of the new generation. */
  readonly slots: number;
  /** Operators whose state was left behind. */
  readonly dropped: readonly string[];
}

/** One slot of the epoch, with what its part says. */
interface SavedSlot {
  readonly slot: ManifestSlot;
  readonly meta: SlotMeta;
  /** Where it goes on; absent where nothing does. */
  readonly home: Home | undefined;
  /** By where they are needed. */
  readonly segments: ReadonlyMap<Home, readonly SegmentRef[]>;
  /** Its copy of broadcast state. */
  readonly broadcast: readonly BroadcastDelta[];
  /** Blocks in flight, oldest first, by the names of the new plan. */
  readonly blocks: readonly Block[];
}

/**
 * Makes a generation out of a complete epoch, at whatever parallelism the streams have now (protocol 6.6). Nothing of the
 * generation that runs is touched until the new one is published, by one conditional write.
 * @throws MillraceError `manifest-missing`, `epoch-expired`, `state-incompatible`, `savepoint-drained`,
 *   `savepoint-positions-lost`, `restore-overtaken`
 */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { job } = options;
  const { ports, plan } = job;
  const running = await readGeneration(ports, plan.job);
  const manifest = await holdManifest(ports, options.manifest, () =>
    readManifest(ports.objects, options.manifest),
  );
  refuseDrained(manifest);
  const number = await nextGeneration(ports, plan.job, await newestGeneration(ports, plan.job));
  const mapping = mapState(job, manifest, {
    generation: number,
    allowNonRestoredState: options.allowNonRestoredState ?? false,
  });
  const saved = await readSlots(job, manifest, mapping).catch(async (thrown: unknown) => {
    const living = isMissing(thrown) ? await readGeneration(ports, plan.job) : running;
    if (living?.generation !== running?.generation) throw overtaken(plan.job, running);
    return await damageOrGone(ports.objects, options.manifest)(thrown);
  });
  await commitAgain(job, manifest);
  const generation: Generation = {
    generation: number,
    plan: plan.fingerprint,
    ringSize: job.settings.ringSize,
    publishedMs: ports.clock.nowMs(),
    slots: [],
    ended: false,
    ...incarnationOf(ports, running),
    restoredFrom: options.manifest,
    ...onCancelOf(job),
  };
  const slots: string[] = [];
  for (const place of await placesOf(job, saved)) {
    await writeSlot(job, generation, place, saved);
    slots.push(place.slot.name);
  }
  const published = { ...generation, slots, publishedMs: ports.clock.nowMs() };
  if (!(await publishGeneration(ports, plan.job, { after: running, generation: published })))
    throw overtaken(plan.job, running);
  return { generation: number, manifest, slots: slots.length, dropped: mapping.dropped };
}

/**
 * protocol 9.1: a job keeps its incarnation over restores. Where none has lived, one begins: what it writes comes after all
 * that the job wrote from elsewhere.
 */
function incarnationOf(
  ports: Ports,
  running: Generation | undefined,
): Pick<Generation, "incarnation"> {
  if (running === undefined) return { incarnation: ports.clock.nowMs() };
  return running.incarnation === undefined ? {} : { incarnation: running.incarnation };
}

/** Epochs of a generation that never lived here may be here as well: their savepoints were copied from another store. */
async function newestGeneration(ports: Ports, job: string): Promise<number> {
  let newest = (await readGeneration(ports, job))?.generation ?? 0;
  for await (const key of ports.objects.list(objectPrefixes.manifests(job)))
    newest = Math.max(newest, placeOfManifest(key)?.generation ?? 0);
  return newest;
}

/** A number that no other attempt has: names of generations are never used twice. */
async function nextGeneration(ports: Ports, job: string, newest: number): Promise<number> {
  const key = rowKeys.attempts(job);
  for (;;) {
    const row = await ports.control.get(key);
    const last = row === undefined ? 0 : fromControlValue<{ readonly last: number }>(row).last;
    const next = Math.max(last, newest) + 1;
    const { written } = await ports.control.put(
      { ...key, rank: next, value: toControlValue({ last: next }) },
      row === undefined ? { kind: "absent" } : { kind: "rank", rank: row.rank },
    );
    if (written) return next;
  }
}

async function readSlots(
  job: JobRuntime,
  manifest: Manifest,
  mapping: MappedState,
): Promise<readonly SavedSlot[]> {
  return await Promise.all(
    manifest.slots.map(async (slot): Promise<SavedSlot> => {
      const part = await readPart<SlotMeta>(job.ports, slot.part.key);
      const inFlight =
        slot.inFlight === undefined ? [] : await readInFlight(job.ports, slot.inFlight);
      const home = mapping.homeOf(slot.slot, slot.stream);
      return {
        slot,
        meta: mapping.meta(part.meta),
        home,
        segments: await mapping.segments(part, home),
        broadcast: mapping.broadcast(part.broadcast ?? []),
        blocks: mapping.blocks([...(part.pending ?? []), ...inFlight]),
      };
    }),
  );
}

/** Writes the part and the progress row of a slot: version 1 of its log, which no row of the log stands for. */
async function writeSlot(
  job: JobRuntime,
  generation: Generation,
  place: Place,
  saved: readonly SavedSlot[],
): Promise<void> {
  const { ports, plan } = job;
  const { slot, range } = place;
  const home = slot.source ?? exchangeHome;
  const from = saved.filter((old) => old.home === home && feeds(old, place));
  // What moves between the two kinds of slots goes by other positions: all of it is looked through.
  const holding = saved.filter((old) => old.home !== home || overlaps(old.meta.range, range));
  const meta = startingMeta(job, generation, place, from);
  const key = objectNames.part({
    job: plan.job,
    generation: generation.generation,
    slot: slot.name,
    version: 1,
    id: ports.random.id(),
  });
  const exchange = saved.filter((old) => old.home === exchangeHome);
  const giver = home === exchangeHome ? broadcastGiver(exchange, plan.maxParallelism) : undefined;
  const broadcast = giver?.broadcast ?? [];
  const pending = pendingOf(job, range, { from: home === exchangeHome ? from : [], giver });
  await putPart<SlotMeta>(ports, key, {
    slot: slot.name,
    version: 1,
    nonce: undefined,
    meta,
    segments: holding.flatMap((old) => old.segments.get(home) ?? []),
    clip: true,
    ...(broadcast.length === 0 ? {} : { broadcast }),
    ...(pending.length === 0 ? {} : { pending }),
  });
  await writeProgress(
    ports,
    { job: plan.job, generation: generation.generation },
    {
      ...startingProgress(slot, range, ports.clock.nowMs()),
      version: 1,
      watermarks: meta.watermarks,
      part: { key, version: 1 },
      ended: meta.source?.ended ?? false,
      counters: meta.counters,
    },
  );
}

/** What a slot of the new generation knows when it starts: epochs, versions and marks begin anew. */
function startingMeta(
  job: JobRuntime,
  generation: Generation,
  { slot, range, resumes }: Place,
  from: readonly SavedSlot[],
): SlotMeta {
  const image = emptyImage(job, generation, slot, range);
  if (from.length === 0) return { ...image.meta, version: 1 };
  const {
    stopping: _,
    closedEpoch: __,
    broadcastMarks: ___,
    // protocol 6.9: it is visible.
    staged: ____,
    ...inherited
  } = inheritMeta(
    { job, slot, range },
    from.map(({ meta }) => meta),
  );
  const [resumed] = from;
  const { source } = inherited;
  const ended = resumes && resumed?.meta.source?.ended === true;
  return {
    ...inherited,
    version: 1,
    epoch: 0,
    watermarks: awake(inherited.watermarks),
    cursor: resumes ? (resumed?.meta.cursor ?? {}) : {},
    pastFence: false,
    marks: {},
    sentToSelf: [],
    tickClockMs: 0,
    ...(source === undefined ? {} : { source: { ...source, ended } }),
  };
}

/** Whoever was idle may have records by now: idleness has to show again, as it has after a restart in Flink. */
function awake(watermarks: SlotMeta["watermarks"]): SlotMeta["watermarks"] {
  return Object.fromEntries(
    Object.entries(watermarks).map(([stage, watermark]) => [stage, { ...watermark, idle: false }]),
  );
}

interface Giving {
  readonly from: readonly SavedSlot[];
  /** Whose copy of broadcast state every slot gets. */
  readonly giver: SavedSlot | undefined;
}

/** protocol 6.6: what was in flight goes to whoever owns its group now, or has the copy that it is for; downstream stages first. */
function pendingOf(
  { plan }: JobRuntime,
  range: HashRange,
  { from, giver }: Giving,
): readonly Block[] {
  const own = groupsOfRange(range, plan.maxParallelism);
  if (own === undefined) return [];
  const depth = new Map(plan.stages.map(({ id }, index) => [id, index]));
  const isOwn = ({ group }: GroupBlock): boolean => own.first <= group && group <= own.last;
  const ofGroups = from.flatMap(({ blocks }) => blocks.filter(isForGroup)).filter(isOwn);
  const broadcasts = giver?.blocks.filter((block) => !isForGroup(block)) ?? [];
  return [...broadcasts, ...ofGroups].toSorted(
    (left, right) => (depth.get(right.stage) ?? 0) - (depth.get(left.stage) ?? 0),
  );
}

/** Whether a slot goes on with what was saved: the one split that it stands for, or its part of the hash space. */
function feeds({ slot: old, meta }: SavedSlot, { slot, range, resumes }: Place): boolean {
  return resumes ? old.shardId === slot.shardId : overlaps(meta.range, range);
}

function overlaps(left: HashRange, right: HashRange): boolean {
  return left.firstHash <= right.lastHash && right.firstHash <= left.lastHash;
}

function refuseDrained({ drained, job, epoch }: Manifest): void {
  if (!drained) return;
  throw stateError("savepoint-drained", {
    message: `Epoch ${epoch} of job "${job}" was taken when the job was drained: its windows have fired, and its sources are at their ends.`,
    next: "Restore a savepoint that was taken without draining, or start the job anew.",
  });
}

function overtaken(job: string, running: Generation | undefined): Error {
  return deploymentError("restore-overtaken", {
    message: `Generation ${running?.generation ?? 0} of job "${job}" ended or was replaced while the restore was being prepared; nothing was changed.`,
    next: "Run the restore again.",
    retryable: true,
  });
}
