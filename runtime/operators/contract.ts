import { messageOf } from "../errors/millrace-error.ts";
import type { Change, ChangelogMode } from "../graph/change.ts";
import type { TimeWindow } from "../graph/functions.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { MapAsyncNode } from "../graph/map-async.ts";
import type { GetResource, JobContext } from "../graph/resource.ts";
import type { TtlTime } from "../graph/state-ttl.ts";
import type { ExpiryQueue } from "../state/expiry-queue.ts";
import type { DueTimer, TimerQueue } from "../state/timer-queue.ts";
import type { BroadcastStore } from "../state/broadcast-store.ts";
import type { KeyRecord } from "../state/key-record.ts";
import type { UserMetrics } from "./user-metrics.ts";
import type { KeyedState } from "../state/keyed-state.ts";

/**
 * Takes one element. Called synchronously down a chain; nothing behind it may wait, read a clock or draw a random
 * number. `timestampMs` is event time; `change` says whether the element is new, replaces or withdraws an earlier one. `before` is the value
 * that is replaced, where the plan asks for it (mode "retract"); undefined otherwise.
 */
// oxlint-disable-next-line typescript/no-explicit-any
export type Push = (value: any, timestampMs: number, change: Change, before?: any) => void;

/** What an operator instance sees of the subtask that it runs in. */
export interface KeyedRuntime {
  readonly state: KeyedState;
  /** The slot's copy of what was broadcast to the stage. */
  readonly broadcast: BroadcastStore;
  readonly eventTimers: TimerQueue;
  readonly processingTimers: TimerQueue;
  /** Entries of state with a time to live, by the kind of time by which they expire. */
  readonly expiries: { readonly [Time in TtlTime]: ExpiryQueue };
  /** By what of event time state has expired: time has come that far for the element or timer in hand. -Infinity: nobody knows. */
  readonly expiryMs: number;
  /** The key of the element or timer in hand: set before every call. */
  readonly current: KeyRecord;
  /** Watermark of the subtask; -Infinity before the first. Timers fire after it was raised, as in Flink. */
  readonly watermarkMs: number;
  /**
   * What lateness goes by for the key in hand: the watermark, or, where slots were merged, that of the slot which the key was in, as
   * long as that is ahead.
   */
  readonly lateBehindMs: number;
  /** Processing time of the batch. */
  readonly nowMs: number;
  /**
   * A timer fires behind the end of the stage's input: the job waits for the processing-time timers that stand, and for no others
   * (protocol 4.8).
   */
  readonly isOver: boolean;
}

/** What takes the results of an operator. */
export interface Consumer {
  readonly push: Push;
  /** It takes a copy or the bytes of a value at once, and neither keeps nor changes the value itself. */
  readonly copies: boolean;
}

/**
 * Where an operator's results go. Each consumer takes a value of its own, so that it is fixed when it is emitted: the operator and its
 * user's code may go on changing theirs.
 */
export interface OperatorOutput {
  readonly emit: Push;
  /** Hands on what is this operator's own already and used nowhere else: the last consumer gets the very value. */
  readonly forward: Push;
  /** The side output of a tag; what nobody consumes is dropped. */
  side(tag: string): Push;
}

/** Where an operator puts what it gives a side output, if the user has named one. */
export function sideOf(output: OperatorOutput, tag: string | undefined): Push | undefined {
  return tag === undefined ? undefined : output.side(tag);
}

export interface OperatorMetrics {
  received: number;
  /** Elements that came too late for all of their windows. */
  late: number;
  /** Those that its functions declare; absent where they declare none. */
  user?: UserMetrics;
}

/** A call that an operator asks for. */
export interface AskedCall {
  /** Identity of the operator. */
  readonly operator: string;
  readonly node: MapAsyncNode;
  readonly value: unknown;
  readonly resource: GetResource;
}

/** What has come of a call, its retries included. */
export type CallAnswer = { readonly value: unknown } | { readonly error: unknown };

export interface KeyedOperator {
  readonly push: Push;
  /** A timer that was armed with one of the operator's states has come due. It may be early or void: look at the state. */
  readonly onTimer: (timer: DueTimer) => void;
  /** User code keeps failing on a timer that has come due: it is over, and what failed goes to the dead letters. */
  readonly passOver: (timer: DueTimer) => void;
  /**
   * How many elements a timer stands for, where it fires for one after the other, each a place that can fail for good; undefined for
   * timers that fire once.
   */
  readonly left?: (timer: DueTimer) => number | undefined;
}

export interface OperatorParts {
  readonly runtime: KeyedRuntime;
  readonly job: JobContext;
  /** Gives its functions what they use. */
  readonly resource: GetResource;
  readonly output: OperatorOutput;
  readonly metrics: OperatorMetrics;
  /** Which changes the operator is given, and which it has to give. */
  readonly takes: ChangelogMode;
  readonly gives: ChangelogMode;
}

/** Which operator failed, and on what. */
export interface FailureSite {
  /** The operator's identity: counters are kept under it. */
  readonly operator: string;
  /** The element in front of it; absent for a timer. */
  readonly element?: { readonly value: unknown };
  /** The key in hand, in a keyed stage. */
  readonly key?: KeyValue;
}

/** What user code threw, with the operator in which it did. Never shown as it is: dead letters and logs take it apart. */
export class UserCodeFailure extends Error {
  override readonly name = "UserCodeFailure";
  /** Uid or name of the operator, for people. */
  readonly operator: string;
  /** Added on the way out of the operator. */
  site: FailureSite | undefined;
  /** Added on the way out of a window. */
  window: TimeWindow | undefined;
  /** Added on the way out of an operator whose timer stands for elements: the one that was in hand. */
  element: FailureSite["element"];
  // oxlint-disable-next-line no-unused-private-class-members -- read by is() with "in", which the rule doesn't see
  readonly #brand = true;

  constructor(operator: string, cause: unknown) {
    super(messageOf(cause), { cause });
    this.operator = operator;
  }

  /** As `instanceof`, which may throw: what was thrown can be anything. */
  static is(thrown: unknown): thrown is UserCodeFailure {
    return typeof thrown === "object" && thrown !== null && #brand in thrown;
  }
}

/** Runs user code; what it throws becomes a {@link UserCodeFailure} of the operator, innermost first. */
export function failIn(operator: string, thrown: unknown, site?: FailureSite): never {
  const failure = UserCodeFailure.is(thrown) ? thrown : new UserCodeFailure(operator, thrown);
  if (site !== undefined) failure.site ??= site;
  throw failure;
}

/** Adds where user code failed to what is on its way out of an operator; what has it already comes from behind it. */
export function passOn(thrown: unknown, site: FailureSite): never {
  if (UserCodeFailure.is(thrown)) thrown.site ??= site;
  throw thrown;
}

/** Adds the element that was in hand when a timer fired. */
export function passOnOfElement(thrown: unknown, value: unknown): never {
  if (UserCodeFailure.is(thrown) && thrown.site === undefined) thrown.element ??= { value };
  throw thrown;
}

/** Adds the window that was in hand. */
export function passOnOfWindow(thrown: unknown, { startMs, endMs }: TimeWindow): never {
  if (UserCodeFailure.is(thrown) && thrown.site === undefined) thrown.window ??= { startMs, endMs };
  throw thrown;
}
