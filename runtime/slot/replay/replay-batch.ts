import type { PartRef } from "../../checkpoint/part.ts";
import { splitReaderOf } from "../../job/feeds.ts";
import type { Generation } from "../../job/generation.ts";
import type { JobRuntime } from "../../job/job-runtime.ts";
import type { SlotProgress } from "../../job/progress.ts";
import { compareSequences } from "../../job/slot-meta.ts";
import type { SlotRef } from "../../job/slot-ref.ts";
import type { StreamRecord } from "../../ports/index.ts";
import { bodyOfStep } from "../commit/body-of-step.ts";
import { nextWork } from "../commit/cut.ts";
import { type CommitBody, readBody } from "../image/commit-body.ts";
import { createEnvironment } from "../image/environment.ts";
import { unlimitedTime } from "../image/invocation-time.ts";
import { emptyImage, loadImage } from "../image/load-image.ts";
import { type SlotImage, stateBytesOf, stateKeysOf } from "../image/slot-image.ts";
import { positionOf } from "../self-read.ts";
import { undoStep } from "../step/run-step.ts";
import { runWithCalls } from "../step/run-with-calls.ts";
import type { FailedPlace, StepInput } from "../step/step.ts";
import { prepareInput } from "../step/step-input.ts";
import { logUpTo } from "./log-up-to.ts";
import { noStep, versionUnknown } from "./refusals.ts";

export interface BatchToReplay {
  /** The job as it is now; its ports are only read from. */
  readonly job: JobRuntime;
  readonly generation: Generation;
  readonly slot: SlotRef;
  readonly progress: SlotProgress;
  /** Of the commit; one that is not there yet is that which the slot tries. */
  readonly version: number;
  /** Parts of the slot that stand, the oldest first; undefined stands for its beginning. */
  readonly parts: readonly (PartRef | undefined)[];
  /** Of a batch that is not committed. */
  readonly recordsMax: number;
}

export interface ReplayedBatch {
  readonly records: readonly StreamRecord[];
  /** What the clock of the job showed all the while. */
  readonly nowMs: number;
  readonly before: { readonly keys: number; readonly stateBytes: number };
  /** What came out: nothing of it was written. */
  readonly body: CommitBody;
  /** Where user code failed, each place once; elements that fail are passed over as dead letters. */
  readonly failures: readonly FailedPlace[];
  /** What the slot has committed; undefined where it has not. */
  readonly committed: CommitBody | undefined;
}

/**
 * Runs a batch of a slot again, with the state that the slot had before it, the records that it took and a clock that stands still. Nothing is
 * written. What user code asks of the world, such as the time, it asks of the present one.
 * @throws MillraceError `version-unknown` where the log or the state before it is gone; `version-no-step` for what is no batch
 */
export async function replayBatch(asked: BatchToReplay): Promise<ReplayedBatch> {
  const { generation, slot, version } = asked;
  const log = { job: asked.job.plan.job, generation: generation.generation, slot: slot.name };
  const at = { first: version, last: version };
  const [row] = await asked.job.ports.log.read({ ...log, ringSize: generation.ringSize }, at);
  if (row === undefined && version !== asked.progress.version + 1) throw versionUnknown(asked);
  if (row !== undefined && row.kind !== "commit") throw noStep(asked, `is a ${row.kind}`);
  const committed = row && (await readBody(asked.job.ports, row));
  const before = await imageBefore(asked);
  if (committed?.meta.cut?.version === version)
    throw noStep(asked, `is the cut for epoch ${committed.meta.epoch}`);
  const records = await recordsOf(before, asked, committed);
  const nowMs = clockOf(records, committed, asked.job.ports.clock.nowMs());
  const image = withClock(before, nowMs);
  const input = await inputOf(image, records, committed);
  const kept = { keys: stateKeysOf(image), stateBytes: stateBytesOf(image) };
  return { records, nowMs, before: kept, committed, ...(await stepped(image, input)) };
}

/** The slot as it was before the version. */
async function imageBefore(asked: BatchToReplay): Promise<SlotImage> {
  const { job, generation, slot, progress, version, parts } = asked;
  const ports = { ...job.ports, log: logUpTo(job.ports.log, version - 1) };
  const then = { ...job, ports };
  const part = parts.findLast((one) => one === undefined || one.version < version);
  const { part: _, ...shown } = progress;
  const known = { ...shown, version: version - 1, sealed: false, ...(part && { part }) };
  const image = emptyImage(then, generation, slot, progress.range);
  const rows = await loadImage(createEnvironment(then), image, known);
  if (rows === undefined || image.meta.version !== version - 1) throw versionUnknown(asked);
  return image;
}

/** What the commit took, or what the slot would take next. */
async function recordsOf(
  image: SlotImage,
  { generation, recordsMax }: BatchToReplay,
  committed: CommitBody | undefined,
): Promise<readonly StreamRecord[]> {
  const { job, slot, meta } = image;
  const last = committed?.meta.cursor.sequence;
  if (committed !== undefined && (last === undefined || isSame(meta.cursor, committed.meta.cursor)))
    return [];
  const reader = splitReaderOf(job, slot);
  const startedMs = generation.incarnation ?? generation.publishedMs;
  const taken: StreamRecord[] = [];
  let from = positionOf(image);
  for (;;) {
    const read = await reader.read({
      shardId: slot.shardId,
      from,
      maxRecords: recordsMax,
      startedMs,
    });
    for (const record of read.records) {
      if (last !== undefined && compareSequences(record.sequence, last) > 0) return taken;
      taken.push(record);
      if (last === undefined && taken.length >= recordsMax) return taken;
    }
    if (read.atTip || read.ended) return taken;
    from = read.next;
  }
}

const isSame = (one: SlotImage["meta"]["cursor"], other: SlotImage["meta"]["cursor"]): boolean =>
  one.sequence === other.sequence && one.elements === other.elements;

/** A source says when it took its last element; else the records tell, as far as they do. */
function clockOf(
  records: readonly StreamRecord[],
  committed: CommitBody | undefined,
  nowMs: number,
): number {
  if (committed === undefined) return nowMs;
  const { source, tickClockMs } = committed.meta;
  return source?.lastRecordMs ?? Math.max(tickClockMs, records.at(-1)?.arrivalMs ?? 0);
}

function withClock(image: SlotImage, nowMs: number): SlotImage {
  const { job } = image;
  const clock = { ...job.ports.clock, nowMs: () => nowMs };
  return { ...image, job: { ...job, ports: { ...job.ports, clock } } };
}

async function inputOf(
  image: SlotImage,
  records: readonly StreamRecord[],
  committed: CommitBody | undefined,
): Promise<StepInput> {
  const { source, cursor } = committed?.meta ?? {};
  const ended = source?.ended === true;
  const read = { records, reachedTip: ended || source?.idle === true, streamEnded: ended };
  const opened = await prepareInput(image, read, unlimitedTime);
  const work = nextWork(image, opened);
  const input = work.kind === "step" ? work.input : { ...opened, exchange: [] };
  if (cursor?.sequence === undefined || cursor.elements === undefined) return input;
  const { sequence, elements: element } = cursor;
  const stopBefore = { sequence, element, atEnd: false, place: "", error: undefined };
  return { ...input, stopBefore };
}

/** Steps, as a batch whose attempts are used up: what fails is passed over. */
async function stepped(
  image: SlotImage,
  input: StepInput,
): Promise<Pick<ReplayedBatch, "body" | "failures">> {
  const failed = new Map<string, FailedPlace>();
  for (;;) {
    const result = await runWithCalls(image, { ...input, failedPlaces: failed });
    const { failure } = result;
    if (failure === undefined || failed.has(failure.place))
      return { body: bodyOfStep(image.job, result), failures: [...failed.values()] };
    undoStep(image);
    failed.set(failure.place, failure);
  }
}
