import { isMillraceError } from "../../errors/millrace-error.ts";
import { allAtLeast, markOfGroup } from "../../exchange/group-ranges.ts";
import type { Block } from "../../exchange/frame.ts";
import { ownWatermark } from "../../exchange/watermark.ts";
import { type GroupRange, groupsOfRange } from "../../serde/hash-space.ts";
import type { BroadcastDelta } from "../../state/broadcast-delta.ts";
import type { StateDelta } from "../../state/state-delta.ts";
import type { SlotImage } from "../image/slot-image.ts";
import { type SlotMeta } from "../../job/slot-meta.ts";
import type { Call } from "../program/call-book.ts";
import { newEffects, type StepEffects } from "../program/slot-program.ts";
import {
  type ElementPlace,
  type FailedPlace,
  placeOf,
  startRun,
  type StepInput,
  type StepRun,
} from "./step.ts";
import { isChangedMeta } from "./changed-meta.ts";
import { metaAfter } from "./step-meta.ts";
import { stepExchange, stepPending } from "./step-exchange.ts";
import { stepSource } from "./step-source.ts";
import { stepResumed } from "./step-timers.ts";
import { StepBudget } from "./step-budget.ts";
import { unlimitedTime } from "../image/invocation-time.ts";

/** What a step did: applied to the image in memory, and to be committed or undone. */
export interface StepResult {
  /** With the version of the commit that it will be. */
  readonly meta: SlotMeta;
  readonly deltas: readonly StateDelta[];
  readonly broadcast: readonly BroadcastDelta[];
  readonly blocks: readonly Block[];
  readonly effects: StepEffects;
  /** What is pending from here on, where that changed. */
  readonly pending: readonly Block[] | undefined;
  /** What was in flight for the epoch that the slot has cut for. */
  readonly recorded: readonly Block[];
  /** Nothing but the cursor of an exchange slot moved: there is nothing to commit. */
  readonly unchanged: boolean;
  /** The step has taken up what it may: what is left of its input is for the next one. */
  readonly isUnfinished: boolean;
  /** Places that failed for good, and are dead letters now. */
  readonly writtenOff: readonly string[];
  /** Where user code failed; the result is that of everything before it. */
  readonly failure?: FailedPlace;
}

/** The step is undone: it has to be run again when these calls are made (protocol 3.12). */
export interface WaitingStep {
  readonly waitsFor: readonly Call[];
}

/**
 * Runs a step. Where user code fails everything is undone and what came before the failing element is run again
 * (protocol 8.1), so that whatever the user's code did to its state in place is gone.
 */
export function runStep(image: SlotImage, input: StepInput): StepResult | WaitingStep {
  let failure: FailedPlace | undefined;
  for (;;) {
    const attempt = failure === undefined ? input : { ...input, stopBefore: failure };
    const run = begin(image, { input: attempt });
    try {
      drive(image, run);
    } catch (thrown) {
      undoStep(image);
      if (isMillraceError(thrown) && thrown.domain !== "input") throw thrown;
      failure = {
        ...run.place,
        atStart: run.atStart,
        atEnd: run.atEnd,
        place: placeOf(run),
        error: thrown,
      };
      continue;
    }
    const { missing } = image.program.calls;
    if (missing.length > 0) {
      undoStep(image);
      return { waitsFor: missing };
    }
    try {
      // Cut short, it has not come to the place that failed.
      return finish(image, run, run.isCutShort ? undefined : failure);
    } catch (thrown) {
      undoStep(image);
      const found = findUnencodable(image, { input: attempt, takenMax: run.budget.taken }, thrown);
      if (found.place === failure?.place) throw thrown;
      failure = found;
    }
  }
}

/** A run that is to end where another one did, whatever the clock says now. */
interface Repeated {
  readonly input: StepInput;
  readonly takenMax: number;
}

/**
 * Finds the first element that left something behind that can't be encoded, such as a symbol in state: by halves, because
 * nothing is encoded before a step ends.
 */
function findUnencodable(image: SlotImage, repeated: Repeated, error: unknown): FailedPlace {
  const { input, takenMax } = repeated;
  const stopsBefore = (place: FailedPlace): boolean =>
    isEncodable(image, { input: { ...input, stopBefore: place }, takenMax });
  const places = placesOf(image, repeated, error);
  let [good, bad] = [0, places.length];
  while (good < bad) {
    const middle = (good + bad) >>> 1;
    if (stopsBefore(places[middle] as FailedPlace)) good = middle + 1;
    else bad = middle;
  }
  // All elements pass: it was a timer behind them; none does: one before them. Otherwise the one before the first bad stop is at fault.
  const first = { sequence: image.meta.cursor.sequence ?? "0", element: 0 };
  const last = places.at(-1) ?? placed(first, error);
  if (input.resumes === true) return places[bad - 1] ?? last;
  if (bad === 0 && places.length > 0) return { ...last, atStart: true, place: "start" };
  const atEnd = { ...last, atEnd: true, place: "end" };
  return bad === places.length && stopsBefore(atEnd) ? atEnd : (places[bad - 1] ?? last);
}

function placed(place: ElementPlace, error: unknown): FailedPlace {
  return { ...place, atEnd: false, place: `${place.sequence}/${place.element}`, error };
}

/** What a run takes in hand, in order. */
function placesOf(image: SlotImage, repeated: Repeated, error: unknown): readonly FailedPlace[] {
  const run = begin(image, repeated);
  run.visited = [];
  drive(image, run);
  undoStep(image);
  return repeated.input.resumes === true
    ? run.fired.map((place) => ({ ...run.place, atEnd: true, place, error }))
    : run.visited.map((place) => placed(place, error));
}

function isEncodable(image: SlotImage, repeated: Repeated): boolean {
  const run = begin(image, repeated);
  drive(image, run);
  try {
    finish(image, run, undefined);
    return true;
  } catch {
    return false;
  } finally {
    undoStep(image);
  }
}

/** Takes the state that a step left as committed. */
export function acceptStep(image: SlotImage): void {
  for (const { state, broadcast } of image.program.subtasks.values()) {
    state.accept();
    broadcast.accept();
  }
}

/** Puts the image back to its last commit. */
export function undoStep(image: SlotImage): void {
  const { program, meta } = image;
  for (const [stage, subtask] of program.subtasks)
    subtask.undo(
      ownWatermark(meta.watermarks[stage]),
      meta.watermarks[stage]?.idle ?? false,
      meta.firing?.includes(stage),
    );
  for (const [name, metrics] of program.metrics) {
    const [received, late] = meta.counters.operators[name] ?? [0, 0];
    metrics.received = received;
    metrics.late = late;
    metrics.user?.restore(meta.counters.user?.[name]);
  }
}

interface Beginning {
  readonly input: StepInput;
  readonly takenMax?: number;
}

function begin(image: SlotImage, beginning: Beginning): StepRun {
  const run = newRun(image, beginning);
  image.program.calls.begin(() => {
    const { atStart, atEnd } = run;
    return { ...run.place, atStart, atEnd, place: placeOf(run) };
  });
  return run;
}

function newRun(image: SlotImage, { input, takenMax }: Beginning): StepRun {
  const { program, meta, slot, job } = image;
  program.effects = newEffects(program.effects);
  const time = takenMax === undefined ? input.time : unlimitedTime;
  const budget = new StepBudget({
    settings: job.settings,
    effects: program.effects,
    time,
    heap: job.ports.heap,
    takenMax,
  });
  const own =
    slot.source === undefined ? groupsOfRange(meta.range, job.plan.maxParallelism) : undefined;
  program.staysHere = own === undefined ? () => false : staysHere(image, own);
  return startRun({ program, meta, input, budget });
}

/**
 * protocol 4.4: an own group is served in the same batch, but only while nothing of it is on the wire. Whether it is
 * was decided when the batch began: one batch sends a group either way, never both.
 */
function staysHere(image: SlotImage, own: GroupRange): (group: number) => boolean {
  const { meta, slot } = image;
  const received = meta.marks[slot.name] ?? [];
  const onTheWire = meta.sentToSelf.filter(
    ([first, last, version]) => !allAtLeast(received, { first, last }, version),
  );
  if (onTheWire.length === 0) return (group) => group >= own.first && group <= own.last;
  return (group) =>
    group >= own.first &&
    group <= own.last &&
    markOfGroup(received, group) >= markOfGroup(meta.sentToSelf, group);
}

function drive(image: SlotImage, run: StepRun): void {
  const { program, slot, job, meta } = image;
  if (run.input.resumes === true) stepResumed(run, program.source);
  else if (run.input.pending !== undefined) stepPending(run, run.input.pending);
  else if (
    slot.source === undefined ||
    program.source === undefined ||
    image.decoder === undefined
  ) {
    const groups = groupsOfRange(meta.range, job.plan.maxParallelism);
    stepExchange(run, { groups });
  } else stepSource(run, { source: program.source, decoder: image.decoder });
}

/** So many entries with a time to live are looked at as a step ends: faster than elements make them, and never all of them at once. */
const expiredMax = 1_000;
const expiredPerTaken = 10;

function finish(image: SlotImage, run: StepRun, failure: FailedPlace | undefined): StepResult {
  const { program } = image;
  const { draft } = run;
  const { effects } = program;
  const blocks = effects.blocks.pack();
  const subtasks = [...program.subtasks.values()];
  for (const subtask of subtasks) subtask.expire(expiredMax + expiredPerTaken * run.budget.taken);
  const deltas = subtasks.flatMap(({ state }) => state.prepare() ?? []);
  const broadcast = subtasks.flatMap((subtask) => subtask.broadcast.prepare() ?? []);
  const next = metaAfter(image, run, blocks);
  const pending =
    draft.pendingLeft ??
    (draft.pendingAdded.length === 0 ? undefined : [...image.pending, ...draft.pendingAdded]);
  const silent =
    deltas.length === 0 &&
    broadcast.length === 0 &&
    blocks.length === 0 &&
    effects.writes.size === 0 &&
    effects.deadLetters.length === 0 &&
    pending === undefined &&
    draft.recorded.length === 0;
  const unchanged = silent && !isChangedMeta(image.meta, next, image.slot);
  return {
    meta: next,
    deltas,
    broadcast,
    blocks,
    effects,
    pending,
    recorded: draft.recorded,
    unchanged,
    isUnfinished: run.isCutShort,
    writtenOff: run.writtenOff,
    ...(failure === undefined ? {} : { failure }),
  };
}
