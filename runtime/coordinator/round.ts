import { messageOf } from "../errors/millrace-error.ts";
import { ownWatermark, type StageWatermark } from "../exchange/frame.ts";
import type { Shard } from "../ports/index.ts";
import { exchangeLagLimitMs, publishPressure } from "../job/pressure.ts";
import { endGeneration, type Generation } from "../job/generation.ts";
import { physicalStream } from "../job/job-runtime.ts";
import { listProgress, type SlotProgress } from "../job/progress.ts";
import { usesExchange } from "../job/slot-ref.ts";
import { advanceEpochs, type EpochOutcome } from "./epoch-round.ts";
import { healthOf, reportHealth } from "./health.ts";
import type { CoordinatorOptions } from "./options.ts";
import { isStale, nearestSlots, type Regions, regionsOf } from "./regions.ts";
import { sendTicks } from "./send-ticks.ts";
import {
  type JobRegions,
  raised,
  sameWatermarks,
  stageWatermarks,
  watermarkBehind,
} from "./stage-watermarks.ts";

export interface RoundReport {
  /** Something moved since the round before. */
  readonly changed: boolean;
  /** Everything is delivered, and nothing can come any more. */
  readonly ended: boolean;
  /** The direct invocations that it started: settled when they are done, never rejected. The loop does not wait for them. */
  readonly invocations: readonly Promise<void>[];
}

interface RoundMemory {
  shards: ReadonlyMap<string, readonly Shard[]>;
  shardsReadMs: number;
  watermarks: Record<string, StageWatermark>;
  /** Ids of the open exchange shards that the newest tick was put into. */
  tickedShards: string;
  /** What the newest tick said about epochs. */
  tickedEpoch: string;
  /** Clocks of ticks that raised a watermark, ascending: what lag is measured by. */
  raisingClocksMs: number[];
  versions: string;
  pressureMs: number;
  exchangeLagMs: number;
  healthReportedMs: number;
  /** Source slots of a restored generation that were made to look for themselves: at which version, and when. */
  readonly looks: Map<string, { readonly version: number; readonly atMs: number }>;
  /** When slots were last made to look whether they are idle. */
  readonly idleLooksMs: Map<string, number>;
  /** The newest direct invocation of each shard. */
  readonly invoked: Map<string, Invoked>;
}

interface Invoked {
  /** What the slot showed when it was started. */
  readonly version: number | undefined;
  readonly atMs: number;
  isRunning: boolean;
}

const healthEveryMs = 60_000;
/** A look that has found nothing is repeated: it may have failed. */
const lookAgainMs = 60_000;

/** Makes the coordinator's round: reads progress, ticks, invokes, and notices the end. */
export function createRound(
  options: CoordinatorOptions,
  generation: Generation,
): () => Promise<RoundReport> {
  const memory: RoundMemory = {
    shards: new Map(),
    shardsReadMs: Number.NEGATIVE_INFINITY,
    watermarks: {},
    tickedShards: "",
    tickedEpoch: "",
    raisingClocksMs: [],
    versions: "",
    pressureMs: 0,
    exchangeLagMs: 0,
    healthReportedMs: Number.NEGATIVE_INFINITY,
    looks: new Map(),
    idleLooksMs: new Map(),
    invoked: new Map(),
  };
  return async () => {
    const { job } = options;
    const nowMs = job.ports.clock.nowMs();
    const progress = await listProgress(job.ports, {
      job: job.plan.job,
      generation: generation.generation,
    });
    await refreshShards(options, memory, { nowMs, progress });
    const regions = regionsOfJob(options, memory, progress);
    const atEnd = hasEnded(options, regions);
    const epochs = await advanceEpochs(job, { generation, progress, regions, atEnd, nowMs });
    const { stoppedWith } = epochs;
    if (stoppedWith !== undefined) {
      const end = { outcome: "stopped", savepoint: stoppedWith } as const;
      await endGeneration(job.ports, job.plan.job, generation, end);
      return { changed: true, ended: true, invocations: [] };
    }
    if (atEnd && !epochs.pending) {
      await endGeneration(job.ports, job.plan.job, generation);
      return { changed: true, ended: true, invocations: [] };
    }
    const tickRound = { generation, progress, regions, nowMs, epochs };
    const ticked = await tickIfDue(options, memory, tickRound);
    await publishLag(options, memory, regions.exchange, nowMs);
    reportHealthIfDue(options, memory, tickRound);
    const invocations = invokeQuietSources(options, memory, tickRound);
    const versions = progress.map(({ slot, version }) => `${slot}:${version}`).join(",");
    const isInvoked =
      invocations.length > 0 || [...memory.invoked.values()].some(({ isRunning }) => isRunning);
    const changed = ticked || isInvoked || epochs.changed || versions !== memory.versions;
    memory.versions = versions;
    return { changed, ended: false, invocations };
  };
}

async function refreshShards(
  { job, settings }: CoordinatorOptions,
  memory: RoundMemory,
  { nowMs, progress }: Pick<TickRound, "nowMs" | "progress">,
): Promise<void> {
  const isRecent = nowMs - memory.shardsReadMs < settings.shardListMs;
  const fits = (stream: string, shards: readonly Shard[]): boolean =>
    !isStale(
      shards,
      progress.filter((row) => row.stream === stream),
    );
  if (isRecent && [...memory.shards].every(([stream, shards]) => fits(stream, shards))) return;
  const { plan, names, ports } = job;
  const streams = plan.sources.map(({ stream }) => physicalStream(names, stream));
  if (usesExchange(plan)) streams.push(names.exchangeStream);
  const lists = await Promise.all(
    streams.map(async (stream) => [stream, await ports.reader.listShards(stream)] as const),
  );
  memory.shards = new Map(lists);
  memory.shardsReadMs = nowMs;
}

function regionsOfJob(
  { job }: CoordinatorOptions,
  memory: RoundMemory,
  progress: readonly SlotProgress[],
): JobRegions {
  const of = (stream: string): Regions =>
    regionsOf(
      memory.shards.get(stream) ?? [],
      progress.filter((row) => row.stream === stream),
    );
  const sources = new Map(
    job.plan.sources.map(({ uid, stream }) => [uid, of(physicalStream(job.names, stream))]),
  );
  const exchange = usesExchange(job.plan)
    ? of(job.names.exchangeStream)
    : { slots: [], complete: true };
  return { sources, exchange };
}

/** The end (protocol 4.8): every slot has delivered +infinity at each of its stages, and no timer is left. */
function hasEnded({ job }: CoordinatorOptions, { sources, exchange }: JobRegions): boolean {
  const isDone = (slot: SlotProgress, stages: readonly string[]): boolean =>
    slot.nextTimerMs === undefined &&
    stages.every((stage) => slot.watermarks[stage]?.ms === Number.POSITIVE_INFINITY);
  for (const [uid, { slots, complete }] of sources) {
    const stages = job.plan.stages
      .filter(({ kind, source }) => kind !== "exchange" && source === uid)
      .map(({ id }) => id);
    if (!complete || !slots.every((slot) => isDone(slot, stages))) return false;
  }
  const stages = job.plan.stages.filter(({ kind }) => kind === "exchange").map(({ id }) => id);
  return exchange.complete && exchange.slots.every((slot) => isDone(slot, stages));
}

interface TickRound {
  readonly generation: Generation;
  readonly progress: readonly SlotProgress[];
  readonly regions: JobRegions;
  readonly nowMs: number;
  readonly epochs: EpochOutcome;
}

/** Ticks when a watermark rose, an epoch was opened or closed, a shard is new, or a processing-time timer is due. */
async function tickIfDue(
  { job }: CoordinatorOptions,
  memory: RoundMemory,
  round: TickRound,
): Promise<boolean> {
  if (!usesExchange(job.plan)) return false;
  const { nowMs, regions, generation, epochs } = round;
  const { epoch, closed, stopping } = epochs;
  const epochText = `${epoch},${closed ?? ""},${stopping}`;
  const shards = memory.shards.get(job.names.exchangeStream) ?? [];
  const openShards = shards
    .filter(({ closed }) => !closed)
    .map(({ shardId }) => shardId)
    .join(",");
  const watermarks = raised(memory.watermarks, stageWatermarks(job.plan, regions));
  const isRaise = !sameWatermarks(watermarks, memory.watermarks);
  const timerDue = regions.exchange.slots.some(
    ({ nextTimerMs }) => nextTimerMs !== undefined && nextTimerMs <= nowMs,
  );
  const isNews = epochText !== memory.tickedEpoch || openShards !== memory.tickedShards;
  if (!isRaise && !timerDue && !isNews) return false;
  const content = {
    generation,
    epoch,
    clockMs: nowMs,
    watermarks,
    ...(closed === undefined ? {} : { closed }),
    ...(stopping ? { stopping } : {}),
  };
  const allPut = await sendTicks(job, shards, content);
  // What was throttled is put again in the next round.
  if (!allPut) return true;
  memory.watermarks = watermarks;
  memory.tickedShards = openShards;
  memory.tickedEpoch = epochText;
  if (isBehind(regions.exchange, watermarks)) memory.raisingClocksMs.push(nowMs);
  return true;
}

/** Whether a slot of the exchange will commit a tick with these watermarks: one that raises nothing leaves no trace. */
function isBehind(
  { slots }: Regions,
  watermarks: Readonly<Record<string, StageWatermark>>,
): boolean {
  return slots.some(
    (slot) =>
      !slot.sealed &&
      Object.entries(watermarks).some(
        ([stage, { ms }]) => ownWatermark(slot.watermarks[stage]) < ms,
      ),
  );
}

/** Lag: the age of the oldest raising tick that a slot of the exchange has not applied. */
async function publishLag(
  { job }: CoordinatorOptions,
  memory: RoundMemory,
  exchange: Regions,
  nowMs: number,
): Promise<void> {
  const applied = Math.min(
    ...exchange.slots.filter(({ sealed }) => !sealed).map(({ tickClockMs }) => tickClockMs),
  );
  memory.raisingClocksMs = memory.raisingClocksMs.filter((clockMs) => clockMs > applied);
  const [oldest] = memory.raisingClocksMs;
  const exchangeLagMs = oldest === undefined ? 0 : nowMs - oldest;
  memory.exchangeLagMs = exchangeLagMs;
  const limitMs = exchangeLagLimitMs(job.settings);
  const worthWriting = exchangeLagMs > limitMs / 2 || memory.pressureMs > limitMs / 2;
  if (!worthWriting || exchangeLagMs === memory.pressureMs) return;
  await publishPressure(job.ports, job.plan.job, { exchangeLagMs });
  memory.pressureMs = exchangeLagMs;
}

function reportHealthIfDue(
  { job }: CoordinatorOptions,
  memory: RoundMemory,
  { progress, generation, nowMs }: TickRound,
): void {
  if (nowMs - memory.healthReportedMs < healthEveryMs) return;
  memory.healthReportedMs = nowMs;
  const { shards, exchangeLagMs } = memory;
  const { ringSize } = generation;
  const health = healthOf({ progress, shards, ringSize, exchangeLagMs, nowMs });
  reportHealth(job.ports.telemetry, health);
}

/**
 * protocol 5.6: invokes source slots that nothing else would: closed ones, those without a log, those that may be idle,
 * those with a timer due, and those that a restore has taken back.
 */
function invokeQuietSources(
  options: CoordinatorOptions,
  memory: RoundMemory,
  { progress, regions, nowMs, epochs, generation }: TickRound,
): readonly Promise<void>[] {
  const { job } = options;
  const isRestored = generation.restoredFrom !== undefined;
  const invocations: Promise<void>[] = [];
  for (const { uid, stream: logical, idleAfterMs } of job.plan.sources) {
    const { ms: watermarkMs } = watermarkBehind(uid, job.plan, regions);
    const stream = physicalStream(job.names, logical);
    const rows = new Map(
      progress.filter((row) => row.stream === stream).map((row) => [row.shardId, row]),
    );
    const shards = memory.shards.get(stream) ?? [];
    for (const shard of shards) {
      const row = rows.get(shard.shardId);
      // protocol 5.4: a shard of another life of the job is left alone.
      if (row === undefined && nearestSlots(shard, shards, rows).length === 0) continue;
      const isTakenOver = shard.parents.some((parentId) => rows.get(parentId)?.sealed === true);
      if (memory.invoked.get(`${stream}/${shard.shardId}`)?.isRunning === true) continue;
      const source = { stream, shard, row, isTakenOver, idleAfterMs, epochs, watermarkMs };
      const looks = isRestored && needsLook(options, memory, source, nowMs);
      const mayBeIdle = needsIdleLook(options, memory, source, nowMs);
      const isNeeded =
        needsInvocation(options, source, nowMs) && !wasJustInvoked(options, memory, source, nowMs);
      if (looks || mayBeIdle || isNeeded)
        invocations.push(startInvocation(options, memory, source, nowMs));
    }
  }
  return invocations;
}

/** Nobody knows when an invocation that was taken down is done: one that has changed nothing yet may still be under way. */
function wasJustInvoked(
  { settings }: CoordinatorOptions,
  { invoked }: RoundMemory,
  { stream, shard, row }: SourceShard,
  nowMs: number,
): boolean {
  const before = invoked.get(`${stream}/${shard.shardId}`);
  return (
    before !== undefined &&
    before.version === row?.version &&
    nowMs - before.atMs < settings.sourceQuietMs
  );
}

async function startInvocation(
  { job, invoker }: CoordinatorOptions,
  { invoked }: RoundMemory,
  { stream, shard, row, watermarkMs }: SourceShard,
  nowMs: number,
): Promise<void> {
  const { shardId } = shard;
  const time = Number.isFinite(watermarkMs) ? { watermarkMs } : {};
  const started: Invoked = { version: row?.version, atMs: nowMs, isRunning: true };
  invoked.set(`${stream}/${shardId}`, started);
  try {
    await invoker.invoke({ stream, shardId, ...time });
  } catch (thrown) {
    const error = messageOf(thrown);
    job.ports.telemetry.log("warn", "a slot invocation failed", { error });
  } finally {
    started.isRunning = false;
  }
}

interface SourceShard {
  readonly stream: string;
  readonly shard: Shard;
  readonly row: SlotProgress | undefined;
  /** A parent is sealed: the takeover has begun, or a sibling's has. */
  readonly isTakenOver: boolean;
  readonly idleAfterMs: number | undefined;
  readonly epochs: EpochOutcome;
  /** Of a stage behind the source. */
  readonly watermarkMs: number;
}

/**
 * protocol 5.6: whoever hands records over may be ahead of a slot that was taken back. Until it is past its fence, it looks once for each
 * version that it has stood still at.
 */
function needsLook(
  { settings }: CoordinatorOptions,
  { looks }: RoundMemory,
  { row }: SourceShard,
  nowMs: number,
): boolean {
  if (row?.beforeFence !== true && row?.version !== 1) return false;
  if (row.sealed || row.ended || row.stopping === true) return false;
  if (nowMs - row.atMs < settings.sourceQuietMs) return false;
  const before = looks.get(row.slot);
  if (before?.version === row.version && nowMs - before.atMs < lookAgainMs) return false;
  looks.set(row.slot, { version: row.version, atMs: nowMs });
  return true;
}

/**
 * protocol 5.6: a slot that has had no element for its `idleAfter` looks whether it is idle, also where records keep coming that
 * can't be read. It looks again at a distance, until it has found the tip of its shard.
 */
function needsIdleLook(
  { settings }: CoordinatorOptions,
  { idleLooksMs }: RoundMemory,
  { row, idleAfterMs }: SourceShard,
  nowMs: number,
): boolean {
  if (idleAfterMs === undefined || row === undefined) return false;
  if (row.sealed || row.ended || row.stopping === true) return false;
  if (row.version > 0 && Object.values(row.watermarks).every(({ idle }) => idle)) return false;
  if (nowMs - (row.lastElementMs ?? row.atMs) <= idleAfterMs) return false;
  const beforeMs = idleLooksMs.get(row.slot) ?? Number.NEGATIVE_INFINITY;
  if (nowMs - beforeMs < Math.min(settings.sourceQuietMs, idleAfterMs)) return false;
  idleLooksMs.set(row.slot, nowMs);
  return true;
}

function needsInvocation(
  { settings }: CoordinatorOptions,
  { shard, row, isTakenOver, epochs, watermarkMs }: SourceShard,
  nowMs: number,
): boolean {
  // protocol 6.7: nothing takes over from a source that has stopped, but what was begun is finished.
  if (row === undefined) return !epochs.stopping || isTakenOver;
  if (row.sealed) return false;
  const quietForMs = nowMs - row.atMs;
  const isBehind = epochs.isOpen && row.epoch < epochs.epoch;
  const isToEnd = epochs.draining && !row.ended;
  if ((isBehind || isToEnd) && quietForMs >= settings.sourceQuietMs) return true;
  // protocol 6.7: a job that stops fires no timers; one that is drained waits for those that stand (4.8).
  if (!epochs.stopping && row.nextTimerMs !== undefined && row.nextTimerMs <= nowMs) return true;
  if (row.ended || row.stopping === true) return false;
  // protocol 4.7: the other shards have moved on, and keyed stages in an idle one have to.
  if (isDueBehind(row, watermarkMs)) return true;
  return shard.closed && quietForMs >= settings.sourceQuietMs;
}

/** An event timer of an idle slot is due by the watermark of the others. */
function isDueBehind({ nextEventTimerMs, watermarks }: SlotProgress, watermarkMs: number): boolean {
  return (
    nextEventTimerMs !== undefined &&
    nextEventTimerMs <= watermarkMs &&
    Number.isFinite(watermarkMs) &&
    Object.values(watermarks).every(({ idle }) => idle)
  );
}
