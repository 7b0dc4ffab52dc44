import { msBetween } from "../job/ms-between.ts";
import {
  type Epoch,
  type Epochs,
  type EpochsRow,
  readEpochs,
  writeEpochs,
} from "../checkpoint/epochs.ts";
import { stagedSpecOf } from "../connectors/sinks.ts";
import type { Generation } from "../job/generation.ts";
import type { JobRuntime } from "../job/job-runtime.ts";
import type { SlotProgress } from "../job/progress.ts";
import type { EpochCommits } from "./epoch-commits.ts";
import { completed, endEpoch } from "./epoch-end.ts";
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
