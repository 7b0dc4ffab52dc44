import {
  duplicateFilter,
  type DuplicateFilter,
  type DuplicateFilterState,
} from "../../connectors/record-id.ts";
import { UserCodeFailure } from "../../operators/contract.ts";
import { type DeadLetterContent } from "../../job/dead-letter.ts";
import {
  compareSequences,
  type Cursor,
  type SlotMeta,
  type SourceProgress,
} from "../../job/slot-meta.ts";
import type { Block } from "../../exchange/frame.ts";
import type { StreamRecord } from "../../ports/index.ts";
import type { Subtask } from "../../operators/subtask.ts";
import type { DueTimer } from "../../state/timer-queue.ts";
import type { RangeMark } from "../../exchange/group-ranges.ts";
import type { InvocationTime } from "../image/invocation-time.ts";
import type { SlotProgram } from "../program/slot-program.ts";
import { type WatermarkGeneration, watermarkGeneration } from "../program/watermark-generation.ts";
import type { StepBudget } from "./step-budget.ts";
import type { ExchangeInput } from "./slot-input.ts";

/** What one step works on: everything it needs is in memory (docs/protocol.md 3.2). */
export interface StepInput {
  /** Of a source slot; in shard order. */
  readonly records: readonly StreamRecord[];
  /** Of an exchange slot; in shard order. */
  readonly exchange: readonly ExchangeInput[];
  readonly nowMs: number;
  /** Nothing lay behind the records when they were read by the slot itself. */
  readonly reachedTip: boolean;
  /** The stream is closed for good, and these are its last records. */
  readonly streamEnded: boolean;
  /** The records lie before what was handed over: being past the fence is not concluded from them. */
  readonly isGap: boolean;
  /** More records follow, which are not opened yet. */
  readonly isPartial: boolean;
  /** Blocks that a restore brought along: the step applies these and takes no records (protocol 6.6). */
  readonly pending?: readonly Block[];
  /** Only timers fire that a step before has left (protocol 3.2). */
  readonly resumes?: boolean;
  /** What the step may take of it. */
  readonly time: InvocationTime;
  /** The source takes nothing behind this step any more. */
  readonly drains?: boolean;
  /** The watermark behind all of the source's slots: aligned stages follow it while the slot is idle. */
  readonly watermarkMs?: number;
  /** Places whose user code failed for good: they go to the dead letters instead. */
  readonly failedPlaces: ReadonlyMap<string, FailedPlace>;
  /** The step ends before this element, or before the timers that precede the first or follow the last one. */
  readonly stopBefore?: FailedPlace;
}

export interface ElementPlace {
  readonly sequence: string;
  readonly element: number;
}

interface TimerInHand {
  readonly subtask: Subtask;
  readonly timer: DueTimer;
  /** How many elements it stood for before it fired, where it fires for one after the other. */
  readonly left: number | undefined;
}

/** Where user code failed: an element, or a timer that it released. */
export interface FailedPlace extends ElementPlace {
  /** It was a timer that no element released: one in processing time, or at the end of the stream. */
  readonly atEnd: boolean;
  /** It was a timer in processing time that was due when the step began. */
  readonly atStart?: boolean;
  /** Stable text of the place: what retries are counted by. */
  readonly place: string;
  readonly error: unknown;
}

/** The parts of a slot's meta that a step changes, while it does. */
export interface Draft {
  cursor: Cursor;
  records: number;
  /** Of a source: elements that went in, and with them event time. */
  elements: number;
  pastFence: boolean;
  /** That of the meta until an element raises it. */
  source: { -readonly [Field in keyof SourceProgress]: SourceProgress[Field] } | undefined;
  readonly marks: Map<string, readonly RangeMark[]>;
  readonly broadcastMarks: Map<string, number>;
  /** Frames of older epochs are repetitions. */
  closedEpoch: number;
  /** Slots of whose frames some of the epoch that the slot has cut for have come. */
  readonly senders: Set<string>;
  tickClockMs: number;
  /** Of the blocks that a restore brought along, those that are left. */
  pendingLeft: readonly Block[] | undefined;
  /** Blocks that were taken from the wire and not applied. */
  readonly pendingAdded: Block[];
  /** Elements of pending blocks that were applied in the generation. */
  replayed: number;
  /** Nothing older than the epoch that the slot has cut for is still to come. */
  closed: boolean;
  readonly recorded: Block[];
}

/** One run of a step: shared by the source's and the exchange's half. */
export interface StepRun {
  readonly program: SlotProgram;
  readonly meta: SlotMeta;
  readonly input: StepInput;
  readonly draft: Draft;
  /** Of a source that drops duplicates: works on a copy of what was committed. */
  readonly duplicates: DuplicateFilter | undefined;
  /** Of a source with a generator of watermarks of its own: works on a copy of what was committed. */
  readonly generation: WatermarkGeneration | undefined;
  /** The commit that sent the elements in hand, where they came over the exchange. */
  sentBy: { readonly slot: string; readonly version: number } | undefined;
  readonly budget: StepBudget;
  /** The budget was spent before everything was done: the rest is for the next step. */
  isCutShort: boolean;
  /** Places that it has sent to the dead letters because they failed for good. */
  readonly writtenOff: string[];
  /** The element in hand: one object for all of them. */
  readonly place: { sequence: string; element: number };
  /** The elements that were taken, in order; only of a run that is made to list them. */
  visited: ElementPlace[] | undefined;
  /** Timers that are due already fire, and no element is in hand yet. */
  atStart: boolean;
  /** Places of the timers that were taken where nothing else is. */
  readonly fired: string[];
  /** All elements are done, and timers follow. */
  atEnd: boolean;
  /** The timer in hand, for messages. */
  timer: TimerInHand | undefined;
}

export interface RunParts {
  readonly program: SlotProgram;
  readonly meta: SlotMeta;
  readonly input: StepInput;
  readonly budget: StepBudget;
}

export function startRun({ program, meta, input, budget }: RunParts): StepRun {
  const draft: Draft = {
    cursor: meta.cursor,
    records: 0,
    elements: 0,
    pastFence: meta.pastFence,
    source: meta.source,
    marks: new Map(Object.entries(meta.marks)),
    broadcastMarks: new Map(Object.entries(meta.broadcastMarks ?? {})),
    closedEpoch: meta.closedEpoch ?? 0,
    senders: new Set(meta.cut?.senders),
    tickClockMs: meta.tickClockMs,
    pendingLeft: undefined,
    pendingAdded: [],
    replayed: meta.replayed ?? 0,
    closed: false,
    recorded: [],
  };
  const dropsDuplicates = program.source?.node.source.dropDuplicates === true;
  const duplicates = dropsDuplicates
    ? duplicateFilter(structuredClone(meta.duplicates) as DuplicateFilterState | undefined)
    : undefined;
  const generation =
    program.source &&
    watermarkGeneration(program.source.node, {
      before: meta.source?.generator,
      nowMs: input.nowMs,
    });
  for (const subtask of program.subtasks.values()) subtask.nowMs = input.nowMs;
  return {
    program,
    meta,
    input,
    draft,
    duplicates,
    generation,
    sentBy: undefined,
    budget,
    isCutShort: false,
    writtenOff: [],
    place: { sequence: meta.cursor.sequence ?? "0", element: 0 },
    visited: undefined,
    atStart: true,
    fired: [],
    atEnd: false,
    timer: undefined,
  };
}

/** Takes an element in hand. */
export function enter(run: StepRun, sequence: string, element: number): void {
  run.place.sequence = sequence;
  run.place.element = element;
  run.atStart = false;
  run.budget.taken += 1;
  run.visited?.push({ sequence, element });
}

/** Whether the step ends before an element: where another one failed, or since it has taken up what it may. */
export function isStop(run: StepRun, sequence: string, element: number): boolean {
  const stop = run.input.stopBefore;
  if (stop !== undefined && !stop.atEnd) {
    const order = compareSequences(sequence, stop.sequence);
    if (order > 0 || (order === 0 && element >= stop.element)) return true;
  }
  run.isCutShort ||= run.budget.isSpent();
  return run.isCutShort;
}

/** What the element or timer in hand failed with for good; undefined where it is to be taken. */
export function failedForGood(run: StepRun): FailedPlace | undefined {
  const { failedPlaces } = run.input;
  if (failedPlaces.size === 0) return undefined;
  const failed = failedPlaces.get(placeOf(run));
  if (failed !== undefined) run.writtenOff.push(failed.place);
  return failed;
}

/** Writes the element or timer in hand off, and counts it for an operator where it is known which one failed. */
export function addDeadLetter(
  run: StepRun,
  content: DeadLetterContent,
  operator: string | undefined,
): void {
  const { job, slot, effects } = run.program;
  const { deadLettersByOperator: counts } = effects;
  if (operator !== undefined) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  effects.deadLetters.push({
    format: 1,
    job,
    slot,
    ...run.place,
    atMs: run.input.nowMs,
    ...(operator === undefined ? undefined : run.program.placeOf(operator)),
    ...content,
  });
}

/** Identity of the operator that failed, where it is known. */
export function operatorOf(error: unknown): string | undefined {
  return UserCodeFailure.is(error) ? error.site?.operator : undefined;
}

/** Leaves the cursor before element `element` of a record. */
export function stopInside(run: StepRun, sequence: string, element: number): void {
  if (element > 0) run.draft.cursor = { sequence, elements: element };
}

/** Stable text of where a run is: a timer is the same timer whichever element releases it. */
export function placeOf({ place, timer }: Pick<StepRun, "place" | "timer">): string {
  if (timer === undefined) return `${place.sequence}/${place.element}`;
  const { subtask, timer: due, left } = timer;
  // With their types: 1, "1" and 1n are three keys.
  const parts = [due.record.identity, due.mapKey].map((part) => `${typeof part} ${String(part)}`);
  const firing = `timer/${subtask.stage.id}/${due.cell}/${JSON.stringify(parts)}/${due.timeMs}`;
  return left === undefined ? firing : `${firing}/${left}`;
}
