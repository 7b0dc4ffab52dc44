import type { Change } from "../../../runtime/graph/change.ts";
import type { KeyValue } from "../../../runtime/graph/key-value.ts";
import type { WindowComputation, WindowNode } from "../../../runtime/graph/node.ts";
import type { WindowAssigner } from "../../../runtime/graph/window-assigner.ts";
import type {
  KeyedOperator,
  KeyedRuntime,
  OperatorParts,
} from "../../../runtime/operators/contract.ts";
import type { KeyRecord } from "../../../runtime/state/key-record.ts";
import type { StateDelta } from "../../../runtime/state/state-delta.ts";
import { SubtaskState } from "../../../runtime/state/subtask-state.ts";
import { type DueTimer, TimerQueue } from "../../../runtime/state/timer-queue.ts";
import { sessionOperator } from "../../../runtime/windows/session-operator.ts";
import { windowOperator } from "../../../runtime/windows/window-operator.ts";

export interface Output {
  readonly value: unknown;
  readonly timestampMs: number;
  readonly change: Change;
  readonly key: KeyValue;
  /** Of a side output. */
  readonly tag?: string;
}

/** One operator in a subtask of its own: feed it, raise its watermark, commit, undo and look at what it gave. */
export function harness(create: (parts: OperatorParts) => KeyedOperator) {
  const state = new SubtaskState("stage", () => 0);
  const eventTimers = new TimerQueue();
  const processingTimers = new TimerQueue();
  const metrics = { received: 0, late: 0 };
  const outputs: Output[] = [];
  let current: KeyRecord | undefined;
  let watermarkMs = Number.NEGATIVE_INFINITY;
  let committedWatermarkMs = watermarkMs;
  let nowMs = 0;

  const runtime: KeyedRuntime = {
    state,
    eventTimers,
    processingTimers,
    get current() {
      if (current === undefined) throw new Error("No key is in hand.");
      return current;
    },
    get watermarkMs() {
      return watermarkMs;
    },
    get lateBehindMs() {
      return watermarkMs;
    },
    get nowMs() {
      return nowMs;
    },
  };
  // Records the very objects, as a batch does: a later change in place would show.
  const recorder = (tag?: string) => (value: unknown, timestampMs: number, change: Change) => {
    outputs.push({ value, timestampMs, change, key: runtime.current.key, ...(tag && { tag }) });
  };
  const operator = create({ runtime, output: { emit: recorder(), side: recorder }, metrics });

  function fire(timers: TimerQueue, untilMs: number): void {
    while (timers.firstMs <= untilMs) {
      const timer = timers.pop() as DueTimer;
      current = timer.record;
      operator.onTimer(timer);
      current = undefined;
    }
  }

  return {
    state,
    metrics,
    eventTimers,
    element(key: KeyValue, value: unknown, timestampMs: number, change: Change = "insert"): void {
      current = state.record(key);
      operator.push(value, timestampMs, change);
      current = undefined;
    },
    watermark(ms: number): void {
      watermarkMs = ms;
      fire(eventTimers, ms);
    },
    processingTime(ms: number): void {
      nowMs = ms;
      fire(processingTimers, ms);
    },
    commit(): StateDelta | undefined {
      const delta = state.prepare();
      state.accept();
      committedWatermarkMs = watermarkMs;
      return delta;
    },
    undo(): void {
      current = undefined;
      watermarkMs = committedWatermarkMs;
      state.undo();
    },
    /** Takes over what another instance committed, at its watermark. */
    apply(delta: StateDelta | undefined, atWatermarkMs = watermarkMs): void {
      watermarkMs = committedWatermarkMs = atWatermarkMs;
      if (delta !== undefined) state.apply(delta);
    },
    /** The outputs since the last call. */
    take(): Output[] {
      return outputs.splice(0);
    },
  };
}

export type Harness = ReturnType<typeof harness>;

interface WindowOptions {
  readonly allowedLatenessMs?: number;
  readonly lateTag?: string;
}

/** A harness around the window operator of an assigner. */
export function windowHarness(
  assigner: WindowAssigner,
  compute: WindowComputation,
  options: WindowOptions = {},
): Harness {
  const node: WindowNode = {
    kind: "window",
    id: 1,
    name: "window",
    uid: "hourly",
    inputs: [],
    assigner,
    allowedLatenessMs: 0,
    compute,
    ...options,
  };
  return harness((parts) =>
    assigner.kind === "session" ? sessionOperator(node, parts) : windowOperator(node, parts),
  );
}

export const tumbling = (sizeMs: number, offsetMs = 0): WindowAssigner => ({
  kind: "tumbling",
  sizeMs,
  offsetMs,
});
export const sliding = (sizeMs: number, slideMs: number, offsetMs = 0): WindowAssigner => ({
  kind: "sliding",
  sizeMs,
  slideMs,
  offsetMs,
});
export const session = (gapMs: number): WindowAssigner => ({ kind: "session", gapMs });

/** Adds numbers up in an accumulator that it changes in place; a "delete" subtracts. */
export const sum: WindowComputation = {
  kind: "aggregate",
  aggregate: {
    create: () => ({ total: 0 }),
    add(accumulator: { total: number }, value: number, change) {
      accumulator.total += change === "delete" ? -value : value;
      return accumulator;
    },
    result: (accumulator: { total: number }) => accumulator.total,
    merge(left: { total: number }, right: { total: number }) {
      left.total += right.total;
      return left;
    },
  },
};

/** Lists what it sees, with the window. */
export const listing: WindowComputation = {
  kind: "process",
  process: (elements, { window }) => [`${window.startMs}-${window.endMs}: ${elements.join(" ")}`],
};

/** Outputs in short: "insert 5 @9". */
export function short(outputs: readonly Output[]): string[] {
  return outputs.map(
    ({ value, timestampMs, change, tag }) =>
      `${tag === undefined ? "" : `${tag}: `}${change} ${String(value)} @${timestampMs}`,
  );
}
