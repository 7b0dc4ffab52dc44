import { msBetween } from "../../job/ms-between.ts";
import type { StreamRecord } from "../../ports/index.ts";
import { failedElement, failedTimer, refusedDocument } from "../../job/dead-letter.ts";
import { elementsDone } from "../../job/slot-meta.ts";
import { type Decoded, refused, type SourceDecoder } from "../program/source-decoder.ts";
import {
  addDeadLetter,
  enter,
  isStop,
  operatorOf,
  failedForGood,
  type StepRun,
  stopInside,
} from "./step.ts";
import type { SourceProgram } from "../program/slot-program.ts";
import { advance, fireBehindEnd, fireDue, fireProcessing, sourceWatermark } from "./step-timers.ts";

export interface SourceStep {
  readonly source: SourceProgram;
  readonly decoder: SourceDecoder;
}

/** Runs a source slot's records through its stages; answers false where it stopped before an element. */
export function stepSource(run: StepRun, step: SourceStep): boolean {
  const { draft, input } = run;
  if (input.stopBefore?.atStart === true) return false;
  fireDue(run, step.source.aligned);
  for (const record of input.records) {
    const done = elementsDone(draft.cursor, record.sequence);
    // protocol 3.1: what is at or below the cursor was done before.
    if (done === Number.POSITIVE_INFINITY) continue;
    if (isStop(run, record.sequence, done)) return false;
    const misplaced = misplacement(run, step.source, record);
    const documents =
      misplaced === undefined ? step.decoder.documentsOf(record) : refused(record, misplaced);
    run.program.partitionKey = record.partitionKey;
    for (let element = done; element < documents.length; element++) {
      if (element > done && isStop(run, record.sequence, element)) {
        stopInside(run, record.sequence, element);
        return false;
      }
      enter(run, record.sequence, element);
      takeElement(run, step, step.decoder.decode(documents[element]!, record));
    }
    draft.cursor = { sequence: record.sequence };
    draft.records += 1;
    run.budget.bytes += record.data.length;
  }
  if (run.isCutShort) return false;
  run.atStart = false;
  run.atEnd = true;
  return finishSource(run, step.source);
}

/**
 * protocol 5.1: the keys of an aligned stage are taken over by the position of their partition key. A record that was put elsewhere, by a
 * hash key of its own, would leave its state behind at a split.
 */
function misplacement(
  run: StepRun,
  { aligned, isPutInto, node }: SourceProgram,
  { partitionKey }: StreamRecord,
): string | undefined {
  if (aligned.length === 0 || isPutInto(run.meta.range, partitionKey)) return undefined;
  return (
    `its partition key ${JSON.stringify(partitionKey)} does not belong into its shard: it was put with an explicit hash key, ` +
    `while source "${node.uid}" declares partitionedBy. Put records without one, or leave partitionedBy out`
  );
}

function takeElement(run: StepRun, step: SourceStep, decoded: Decoded): void {
  const { operator } = step.source;
  if (!decoded.ok)
    return addDeadLetter(run, refusedDocument(decoded.reason, decoded.document), operator);
  const failed = failedForGood(run);
  if (failed !== undefined) {
    addDeadLetter(run, failedElement(failed.error, decoded), operatorOf(failed.error));
  } else if (decoded.id === undefined || run.duplicates?.isNew(decoded.id) !== false) {
    // Before whoever is behind may change it; what it says is told behind the element.
    run.generation?.onEvent(decoded.value, decoded.timestampMs);
    step.source.push(decoded.value, decoded.timestampMs, "insert");
    noteTimestamp(run, step.source, decoded.timestampMs);
  }
}

/** The watermark follows each element, so that results don't depend on how the input was cut into batches. */
function noteTimestamp(run: StepRun, source: SourceProgram, timestampMs: number): void {
  const { draft } = run;
  draft.elements += 1;
  if (draft.source === undefined || timestampMs > draft.source.maxTimestampMs) {
    // With every element, where they come in order: only what was committed before is another object.
    if (draft.source === undefined || draft.source === run.meta.source)
      draft.source = {
        lastRecordMs: run.input.nowMs,
        ended: false,
        idle: false,
        ...draft.source,
        maxTimestampMs: timestampMs,
      };
    else draft.source.maxTimestampMs = timestampMs;
    if (run.generation === undefined)
      advanceAligned(run, source, sourceWatermark(source, { maxTimestampMs: timestampMs }));
  }
  if (run.generation !== undefined) advanceAligned(run, source, run.generation.watermarkMs);
}

/** Answers false where the step has taken up what it may. */
function advanceAligned(run: StepRun, source: SourceProgram, watermarkMs: number): boolean {
  for (const subtask of source.aligned) {
    advance(run, subtask, watermarkMs);
    if (run.isCutShort) return false;
  }
  return true;
}

/** Notes idleness and the end, and fires what is due by them; answers false where the step stops before these timers. */
function finishSource(run: StepRun, source: SourceProgram): boolean {
  const { draft, input } = run;
  const maxTimestampMs = draft.source?.maxTimestampMs ?? Number.NEGATIVE_INFINITY;
  const lastRecordMs =
    draft.elements > 0 ? input.nowMs : (draft.source?.lastRecordMs ?? input.nowMs);
  const stops = input.stopBefore !== undefined;
  const ended = (input.streamEnded && !stops) || (draft.source?.ended ?? false);
  const isSilent = !ended && draft.elements === 0 && isIdle(run, source, lastRecordMs);
  if (!stops && !isSilent) emitPeriodically(run, source);
  const { generation } = run;
  const idle = isSilent || (!ended && generation?.idle === true);
  draft.source = { maxTimestampMs, lastRecordMs, ended, idle };
  if (stops) return false;
  if (generation !== undefined && !advanceAligned(run, source, generation.watermarkMs))
    return false;
  for (const subtask of source.aligned) {
    fireProcessing(run, subtask);
    if (run.isCutShort) return false;
    if (ended) advance(run, subtask, Number.POSITIVE_INFINITY);
    // protocol 4.7: as behind an exchange, where an idle slot is left out.
    else if (idle) advance(run, subtask, input.watermarkMs ?? Number.NEGATIVE_INFINITY);
    if (run.isCutShort) return false;
    fireBehindEnd(run, subtask);
    if (run.isCutShort) return false;
    subtask.idle = idle;
  }
  return true;
}

/** What a function throws that no element is to blame for is told, and the batch goes on. */
function emitPeriodically(run: StepRun, { node, operator }: SourceProgram): void {
  const failure = run.generation?.onPeriodicEmit();
  if (failure === undefined) return;
  const timer = { stage: node.uid, name: "onPeriodicEmit", key: "", timeMs: run.input.nowMs };
  addDeadLetter(run, failedTimer(failure, timer), operator);
}

/**
 * Idleness begins where the tip of the shard was reached and goes on until there is an element: what can't be read, or is dropped,
 * raises no watermark. As Flink's WatermarksWithIdleness, it takes more than `idleAfter`.
 */
function isIdle({ meta, input }: StepRun, { node }: SourceProgram, lastRecordMs: number): boolean {
  const { idleAfterMs } = node.watermarks;
  if (idleAfterMs === undefined) return false;
  return (
    meta.source?.idle === true ||
    (input.reachedTip && msBetween(input.nowMs, lastRecordMs) > idleAfterMs)
  );
}
