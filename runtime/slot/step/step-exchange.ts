import { stateError } from "../../errors/millrace-error.ts";
import {
  type Block,
  type Frame,
  isForGroup,
  sliceBlock,
  type Tick,
  unpackBlock,
} from "../../exchange/frame.ts";
import { intersect, markOfGroup, raiseMarks } from "../../exchange/group-ranges.ts";
import type { GroupRange } from "../../serde/hash-space.ts";
import { failedElement } from "../../job/dead-letter.ts";
import { elementsDone } from "../../job/slot-meta.ts";
import {
  addDeadLetter,
  enter,
  isStop,
  operatorOf,
  failedForGood,
  type StepRun,
  stopInside,
} from "./step.ts";
import { advance, fireDue } from "./step-timers.ts";

export interface ExchangeStep {
  /** Key groups that the slot's shard owns; absent where it holds no group's first position. */
  readonly groups: GroupRange | undefined;
}

/** Runs an exchange slot's frames and ticks; answers false where it stopped before an element. */
export function stepExchange(run: StepRun, step: ExchangeStep): boolean {
  const { draft, input } = run;
  if (input.stopBefore?.atStart === true) return false;
  const subtasks = [...run.program.subtasks.values()];
  // protocol 6.7: a stopping job fires nothing, so that no sink runs ahead of the savepoint.
  const fires = run.meta.stopping !== true;
  if (fires) fireDue(run, subtasks);
  for (const record of input.exchange) {
    const done = elementsDone(draft.cursor, record.sequence);
    if (done === Number.POSITIVE_INFINITY) continue;
    if (isStop(run, record.sequence, done)) return false;
    enter(run, record.sequence, done);
    if (record.kind === "frame" && !applyFrame(run, step, record.frame, done)) return false;
    if (record.kind === "tick" && !applyTick(run, record.tick)) return false;
    draft.cursor = { sequence: record.sequence };
    draft.records += 1;
  }
  if (run.isCutShort) return false;
  run.atStart = false;
  run.atEnd = true;
  if (input.stopBefore !== undefined) return false;
  if (fires) fireDue(run, subtasks);
  if (run.isCutShort) return false;
  return true;
}

/** Applies the blocks that a restore brought along; answers false where it stopped before an element. */
export function stepPending(run: StepRun, blocks: readonly Block[]): boolean {
  const { draft } = run;
  const before = draft.replayed;
  for (const [index, block] of blocks.entries()) {
    run.place.sequence = pendingSequence;
    run.place.element = draft.replayed;
    const at = { first: draft.replayed, done: before };
    const end = applyBlock(run, block, at);
    draft.replayed = at.first + end;
    if (end === block.count) continue;
    draft.pendingLeft = [sliceBlock(block, end, block.count), ...blocks.slice(index + 1)];
    return false;
  }
  draft.pendingLeft = [];
  run.atEnd = true;
  return run.input.stopBefore === undefined;
}

/** Stands where a record's sequence number would: no stream numbers a record so. */
const pendingSequence = "0";

function applyFrame(run: StepRun, step: ExchangeStep, frame: Frame, done: number): boolean {
  const { draft, meta } = run;
  // protocol 6.3: what was sent before its sender's cut and comes behind the receiver's is in flight.
  const { cut } = meta;
  // protocol 4.3: all of that epoch came before, and marks of it may be gone.
  if (frame.epoch < draft.closedEpoch) return true;
  const inFlight = cut !== undefined && !cut.closed && frame.epoch < cut.epoch;
  const marks = draft.marks.get(frame.slot) ?? [];
  const broadcastMark = draft.broadcastMarks.get(frame.slot) ?? 0;
  run.sentBy = { slot: frame.slot, version: frame.version };
  let element = 0;
  for (const block of frame.blocks) {
    const first = element;
    element += block.count;
    if (element <= done || !isFor(step, block)) continue;
    // protocol 4.3, 4.9: a block is dropped when its group, or the slot's copy, was served by this version before.
    const mark = isForGroup(block) ? markOfGroup(marks, block.group) : broadcastMark;
    if (mark >= frame.version) continue;
    const start = Math.max(0, done - first);
    const end = meta.stopping === true ? block.count : applyBlock(run, block, { first, done });
    if (end > start) {
      const taken = sliceBlock(block, start, end);
      if (inFlight) draft.recorded.push(taken);
      if (meta.stopping === true) draft.pendingAdded.push(taken);
    }
    if (end < block.count) return false;
  }
  let raised = marks;
  for (const [first, last] of frame.speaksFor) {
    const own = step.groups === undefined ? undefined : intersect({ first, last }, step.groups);
    if (own !== undefined) raised = raiseMarks(raised, own, frame.version);
  }
  draft.marks.set(frame.slot, raised);
  if (!frame.blocks.every(isForGroup))
    draft.broadcastMarks.set(frame.slot, Math.max(broadcastMark, frame.version));
  if (cut !== undefined && frame.epoch >= cut.epoch) draft.senders.add(frame.slot);
  return true;
}

/** Whether a block is the slot's: a broadcast is where it owns any group. */
function isFor({ groups }: ExchangeStep, { group }: Block): boolean {
  if (groups === undefined) return false;
  return group === undefined || (groups.first <= group && group <= groups.last);
}

/** Applies the elements of a block that are not done; answers before which it stopped, or their count. */
function applyBlock(
  run: StepRun,
  block: Block,
  at: { readonly first: number; readonly done: number },
): number {
  if (block.count === 0) return 0;
  const { program } = run;
  const { sequence } = run.place;
  const subtask = program.subtasks.get(block.stage);
  const input = block.input ?? 0;
  const selectors = program.keyOf.get(block.stage);
  if (subtask === undefined || selectors === undefined) throw unknownStage(block.stage);
  const { group } = block;
  const selector = selectors[input];
  const { timestamps, values, changes, befores } = unpackBlock(block);
  for (let index = Math.max(0, at.done - at.first); index < values.length; index++) {
    const element = at.first + index;
    if (isStop(run, sequence, element)) {
      if (sequence !== pendingSequence) stopInside(run, sequence, element);
      return index;
    }
    enter(run, sequence, element);
    const value = values[index];
    const timestampMs = timestamps[index] as number;
    if (isDeadLetter(run, value, timestampMs)) continue;
    const change = changes?.[index] ?? "insert";
    const before = befores?.[index];
    if (selector === undefined || group === undefined) {
      subtask.takeBroadcast(value, timestampMs, change, before, input);
      continue;
    }
    const record = subtask.state.record(selector.select(value));
    if (record.group !== group) selector.fail(unstableKey(record.group, group), value);
    subtask.takeAt(record, value, timestampMs, change, before, input);
  }
  return values.length;
}

function isDeadLetter(run: StepRun, value: unknown, timestampMs: number): boolean {
  const failed = failedForGood(run);
  if (failed === undefined) return false;
  const sentBy = run.sentBy === undefined ? {} : { sentBy: run.sentBy };
  const content = failedElement(failed.error, { value, timestampMs, ...sentBy });
  addDeadLetter(run, content, operatorOf(failed.error));
  return true;
}

/** Answers whether all has fired that it releases: otherwise it is applied again when the rest has (protocol 3.2). */
function applyTick(run: StepRun, tick: Tick): boolean {
  const { draft, program, meta } = run;
  // protocol 6.7: a stopping job raises no watermark.
  for (const subtask of meta.stopping === true ? [] : program.subtasks.values()) {
    const watermark = tick.watermarks[subtask.stage.id];
    if (watermark === undefined) continue;
    subtask.idle = watermark.idle;
    // protocol 4.7: ticks only ever raise.
    advance(run, subtask, watermark.ms);
    if (run.isCutShort) return false;
  }
  // protocol 3.7: a tick of this generation is the fence of an exchange slot.
  draft.pastFence = true;
  draft.tickClockMs = Math.max(draft.tickClockMs, tick.clockMs);
  const { cut } = meta;
  if (cut !== undefined && !cut.closed && tick.closed === cut.epoch) closeCut(run, cut.epoch);
  return true;
}

/**
 * protocol 6.3: everything older has been put before this tick. So marks are only needed of slots that have sent something
 * since: those of slots that are gone would stay for ever. Its own tell what is on the wire (4.4).
 */
function closeCut({ draft, program }: StepRun, epoch: number): void {
  if (draft.closed) return;
  draft.closed = true;
  draft.closedEpoch = epoch;
  for (const marks of [draft.marks, draft.broadcastMarks])
    for (const slot of marks.keys())
      if (slot !== program.slot && !draft.senders.has(slot)) marks.delete(slot);
}

function unstableKey(found: number, sent: number): Error {
  return new Error(
    `The key of an element is in group ${found} here, but was in group ${sent} where it was sent: ` +
      `the keyBy function must give the same key for the same value, and the value must survive serialization.`,
  );
}

function unknownStage(stage: string): Error {
  return stateError("stage-unknown", {
    message: `A frame is for stage "${stage}", which this job doesn't have.`,
    next: "Deploy the job that the generation was started with.",
  });
}
