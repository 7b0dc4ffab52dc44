import { msBetween } from "../job/ms-between.ts";
import {
  type Epoch,
  type Epochs,
  type EpochsRow,
  readEpochs,
  type SavepointRequest,
  writeEpochs,
} from "../checkpoint/epochs.ts";
import {
  type Manifest,
  manifestFormat,
  putManifest,
  type Tombstone,
} from "../checkpoint/manifest.ts";
import { stagedOf } from "../checkpoint/staged.ts";
import { stagedSpecOf } from "../connectors/sinks.ts";
import type { Generation } from "../job/generation.ts";
import type { JobRuntime } from "../job/job-runtime.ts";
import type { SlotProgress } from "../job/progress.ts";
import { objectNames } from "../layout/names.ts";
import { completeManifest } from "./complete-manifest.ts";
import type { EpochCommits } from "./epoch-commits.ts";
import { canComplete, sharesOf } from "./epoch-shares.ts";
import type { JobRegions } from "./stage-watermarks.ts";

/** What a round of the coordinator knows when it looks after epochs. */
export interface EpochRound {
  readonly generation: Generation;
  readonly progress: readonly SlotProgress[];
  readonly regions: JobRegions;
  /** Every slot has delivered +infinity at each of its stages. */
  readonly atEnd: boolean;
  readonly nowMs: number;
  readonly commits: EpochCommits;
}

/** What follows for ticks, invocations and the end. */
export interface EpochOutcome {
  /** The open epoch, or the newest that slots may have come to: what ticks carry. */
  readonly epoch: number;
  /** Sources that have not cut for it are to be invoked. */
  readonly isOpen: boolean;
  readonly stopping: boolean;
  readonly draining: boolean;
  /** Every slot has cut for it, and delivered what came before. */
  readonly closed?: number;
  /** The job was stopped with this manifest. */
  readonly stoppedWith?: string;
  /** An epoch is open or not visible yet, or one is to come before the job may end. */
  readonly pending: boolean;
  readonly changed: boolean;
}

/** Requests that are done and still shown. */
const doneRequestsKept = 20;

/** Opens, closes, completes and expires epochs (protocol 6): all that it knows is in the row and in the progress rows. */
export async function advanceEpochs(job: JobRuntime, round: EpochRound): Promise<EpochOutcome> {
  const { ports, plan } = job;
  const place = { job: plan.job, generation: round.generation.generation };
  const read = await readEpochs(ports, plan.job, place.generation);
  const next = await nextEpochs(job, round, read.epochs);
  if (next === undefined) return outcomeOf(job, round, read.epochs);
  const written: EpochsRow | undefined = await writeEpochs(ports, place, read, next);
  // Another coordinator was faster: what it wrote is for the next round.
  return { ...outcomeOf(job, round, written?.epochs ?? read.epochs), changed: true };
}

async function nextEpochs(
  job: JobRuntime,
  round: EpochRound,
  epochs: Epochs,
): Promise<Epochs | undefined> {
  const { newest } = epochs;
  if (newest?.status === "open") return await endEpoch(job, round, epochs, newest);
  if (newest?.status !== "committing") return openEpoch(job, round, epochs);
  // protocol 6.9: complete is what can be seen.
  return round.commits.isDone(newest.number) ? completed(job, round, epochs) : undefined;
}

/** protocol 6.1: one epoch at a time; somebody's wish comes before the interval. */
function openEpoch(job: JobRuntime, round: EpochRound, epochs: Epochs): Epochs | undefined {
  const { nowMs, progress, atEnd, generation } = round;
  const asked = epochs.requests.find(({ status }) => status === "asked");
  if (asked?.kind === "drain" && !epochs.draining) return { ...epochs, draining: true };
  if (asked?.kind === "drain" && !atEnd) return undefined;
  const isFinal = lacksFinal(job, round, epochs);
  if (asked === undefined && !isFinal && !isDue(job, round, epochs)) return undefined;
  const stopping = epochs.stopping || (asked !== undefined && asked.kind !== "savepoint");
  const number = Math.max(epochs.newest?.number ?? 0, ...progress.map(({ epoch }) => epoch)) + 1;
  const newest: Epoch = {
    number,
    status: "open",
    openedMs: openingMs(job, nowMs, generation),
    ...(asked === undefined ? {} : { savepoint: asked.id }),
    ...(atEnd && { final: true }),
  };
  return { ...epochs, newest, stopping };
}

/** protocol 6.9: the last results of a job can be seen only with an epoch that was opened when they were there. */
function lacksFinal({ plan }: JobRuntime, { atEnd }: EpochRound, { newest }: Epochs): boolean {
  const isSeen = newest?.final === true && newest.status === "complete";
  return atEnd && !isSeen && plan.sinks.some(({ type }) => stagedSpecOf(type) !== undefined);
}

/** Not before its generation began, unless whoever published that has a clock so far ahead that the epoch could not expire. */
function openingMs({ graph }: JobRuntime, nowMs: number, { publishedMs }: Generation): number {
  const isFarAhead = publishedMs - nowMs >= graph.options.checkpoints.timeoutMs;
  return isFarAhead ? nowMs : Math.max(nowMs, publishedMs);
}

function isDue(job: JobRuntime, { nowMs, generation }: EpochRound, epochs: Epochs): boolean {
  const { intervalMs, minPauseMs } = job.graph.options.checkpoints;
  const { newest } = epochs;
  const openedMs = newest?.openedMs ?? generation.publishedMs;
  return (
    msBetween(nowMs, openedMs) >= intervalMs &&
    msBetween(nowMs, newest?.endedMs ?? Number.NEGATIVE_INFINITY) >= minPauseMs
  );
}

async function endEpoch(
  job: JobRuntime,
  round: EpochRound,
  epochs: Epochs,
  newest: Epoch,
): Promise<Epochs | undefined> {
  const shares = sharesOf(job, round.progress, newest.number);
  if (shares !== undefined) {
    const manifest = await completeManifest(job, { ...round, epochs, epoch: newest, shares });
    return afterEnd(job, round, epochs, await putManifest<Manifest>(job.ports, manifest));
  }
  const reason = expiryReason(job, round, newest);
  if (reason === undefined) return undefined;
  const tombstone: Tombstone = {
    format: manifestFormat,
    status: "expired",
    job: job.plan.job,
    generation: round.generation.generation,
    epoch: newest.number,
    expiredMs: round.nowMs,
    reason,
  };
  return afterEnd(job, round, epochs, await putManifest<Tombstone>(job.ports, tombstone));
}

const resharded = "A stream was resharded between the cuts of its slots.";

function expiryReason(job: JobRuntime, round: EpochRound, epoch: Epoch): string | undefined {
  const { timeoutMs } = job.graph.options.checkpoints;
  const ageMs = msBetween(round.nowMs, epoch.openedMs);
  if (!canComplete(job, round, epoch.number)) return resharded;
  if (ageMs < timeoutMs) return undefined;
  const missing = round.progress
    .filter(({ sealed, checkpoint }) => !sealed && !isShare(checkpoint, epoch.number))
    .map(({ slot }) => slot);
  return `It had not completed after ${ageMs} ms; slots without their share: ${missing.slice(0, 10).join(", ")}.`;
}

function isShare(checkpoint: SlotProgress["checkpoint"], epoch: number): boolean {
  return checkpoint?.epoch === epoch && checkpoint.complete;
}

/** protocol 6.4: whichever of manifest and tombstone stands decides, whoever wrote it. */
function afterEnd(
  job: JobRuntime,
  round: EpochRound,
  epochs: Epochs,
  standing: Manifest | Tombstone,
): Epochs {
  const newest = epochs.newest as Epoch;
  if (standing.status === "complete") {
    if (stagedOf(standing).length === 0) return completed(job, round, epochs);
    return { ...epochs, newest: { ...newest, status: "committing" } };
  }
  const { reason } = standing;
  const failures = epochs.failures + 1;
  job.ports.telemetry.count("epochsExpired", 1);
  job.ports.telemetry.log("warn", "an epoch expired", { epoch: newest.number, reason });
  if (failures > job.graph.options.checkpoints.tolerableFailures)
    job.ports.telemetry.alarm("epochs-failing", { epoch: newest.number, failures, reason });
  return {
    ...epochs,
    newest: { ...newest, status: "expired", endedMs: round.nowMs, reason },
    failures,
    // protocol 6.7: a stop is tried again until it succeeds; and 6.5: the next epoch has what a reshard kept from this one.
    requests:
      epochs.stopping || reason === resharded
        ? epochs.requests
        : settled(epochs, newest, { status: "failed", reason }),
  };
}

function completed(
  { ports, plan }: JobRuntime,
  { generation: { generation }, nowMs }: EpochRound,
  epochs: Epochs,
): Epochs {
  const newest = epochs.newest as Epoch;
  const manifest = objectNames.manifest(plan.job, generation, newest.number);
  ports.telemetry.count("epochsCompleted", 1);
  return {
    ...epochs,
    newest: { ...newest, status: "complete", endedMs: nowMs },
    failures: 0,
    completed: newest.number,
    requests: settled(epochs, newest, { status: "complete", manifest }),
  };
}

function settled(
  { requests }: Epochs,
  { savepoint }: Epoch,
  end: Pick<SavepointRequest, "status" | "manifest" | "reason">,
): readonly SavepointRequest[] {
  if (savepoint === undefined) return requests;
  const now = requests.map((request) =>
    request.id === savepoint && request.status === "asked" ? { ...request, ...end } : request,
  );
  const done = now.filter(({ status }) => status !== "asked");
  const dropped = new Set(done.slice(0, Math.max(0, done.length - doneRequestsKept)));
  return now.filter((request) => !dropped.has(request));
}

function outcomeOf(job: JobRuntime, round: EpochRound, epochs: Epochs): EpochOutcome {
  const { newest, stopping, draining, requests } = epochs;
  const isOpen = newest?.status === "open";
  const epoch = Math.max(isOpen ? newest.number : 0, ...round.progress.map((row) => row.epoch), 0);
  const allCut = isOpen && hasCut(round.regions, newest.number);
  const stop =
    stopping && newest?.status === "complete"
      ? requests.findLast(({ kind, status }) => kind !== "savepoint" && status === "complete")
      : undefined;
  return {
    epoch,
    isOpen,
    stopping,
    draining,
    ...(allCut ? { closed: newest.number } : {}),
    ...(stop?.manifest === undefined ? {} : { stoppedWith: stop.manifest }),
    pending:
      isOpen ||
      newest?.status === "committing" ||
      lacksFinal(job, round, epochs) ||
      requests.some(({ status }) => status === "asked"),
    changed: false,
  };
}

/** Every region's slots have delivered a commit of the epoch, so everything older is delivered (protocol 6.3). */
function hasCut({ sources, exchange }: JobRegions, epoch: number): boolean {
  return [...sources.values(), exchange].every(
    ({ complete, slots }) => complete && slots.every((slot) => slot.epoch >= epoch),
  );
}
