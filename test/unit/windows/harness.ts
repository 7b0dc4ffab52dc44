import type { Change } from "../../../runtime/graph/change.ts";
import type { KeyValue } from "../../../runtime/graph/key-value.ts";
import type { WindowComputation, WindowNode } from "../../../runtime/graph/node.ts";
import type { WindowAssigner } from "../../../runtime/graph/window-assigner.ts";
import type { KeyedOperator, OperatorParts, Push } from "../../../runtime/operators/contract.ts";
import { Subtask, type TimerGate } from "../../../runtime/operators/subtask.ts";
import type { StateDelta } from "../../../runtime/state/state-delta.ts";
import { copyInPassing, copyValue } from "../../../runtime/serde/copy-value.ts";
import { windowOperator } from "../../../runtime/windows/window-operator.ts";

export interface Output {
  readonly value: unknown;
  readonly timestampMs: number;
  readonly change: Change;
  /** What it replaces, in mode "retract". */
  readonly before?: unknown;
  readonly key: KeyValue;
  /** Of a side output. */
  readonly tag?: string;
}

/** One operator in a subtask of its own: feed it, raise its watermark, commit, undo and look at what it gave. */
export function harness(
  create: (parts: OperatorParts) => KeyedOperator,
  modes: Partial<Pick<OperatorParts, "takes" | "gives">> = {},
) {
  const stage = {
    id: "stage",
    kind: "exchange",
    name: "stage",
    operators: [],
    upstream: [],
  } as const;
  const subtask = new Subtask(stage, () => 0);
  const { state } = subtask;
  const metrics = { received: 0, late: 0 };
  const outputs: Output[] = [];
  let committedWatermarkMs = subtask.watermarkMs;

  // As the consumers in a stage: what is emitted is fixed at that moment.
  const recorder =
    (tag?: string): Push =>
    (emitted, timestampMs, change, replaced) => {
      const [value, before] = copyValue([emitted, replaced], "What the operator emits");
      const { key } = subtask.current;
      const had = before !== undefined && { before: before as unknown };
      outputs.push({ value, timestampMs, change, key, ...had, ...(tag && { tag }) });
    };
  const output = { emit: recorder(), forward: recorder(), side: recorder };
  const operator = create({
    runtime: subtask,
    job: { name: "job", slot: "slot", maxParallelism: 16 },
    resource: () => {
      throw new Error("There is none.");
    },
    output,
    metrics,
    takes: "append",
    gives: "upsert",
    ...modes,
  });
  subtask.inputs = [operator.push];
  subtask.own(0, operator);

  return {
    state,
    metrics,
    subtask,
    eventTimers: subtask.eventTimers,
    element(
      key: KeyValue,
      value: unknown,
      timestampMs: number,
      change: Change = "insert",
      before?: unknown,
    ): void {
      // The operator gets an element of its own.
      subtask.take(key, copyInPassing(value), timestampMs, change, copyInPassing(before));
    },
    /** Raises the watermark; timers that `gate` refuses are passed over. */
    watermark(ms: number, gate: TimerGate = () => true): void {
      subtask.advance(ms, gate);
    },
    processingTime(ms: number): void {
      subtask.nowMs = ms;
      subtask.fireProcessing(() => true);
    },
    commit(): StateDelta | undefined {
      const delta = state.prepare();
      state.accept();
      committedWatermarkMs = subtask.watermarkMs;
      return delta;
    },
    undo(): void {
      subtask.undo(committedWatermarkMs, false);
    },
    /** Takes over what another instance committed, at its watermark. */
    apply(delta: StateDelta | undefined, atWatermarkMs = subtask.watermarkMs): void {
      committedWatermarkMs = atWatermarkMs;
      subtask.adopt({ watermarkMs: atWatermarkMs, idle: false, firing: false });
      if (delta !== undefined) state.apply(delta);
    },
    /** The outputs since the last call. */
    take(): Output[] {
      return outputs.splice(0);
    },
  };
}

export type Harness = ReturnType<typeof harness>;

type WindowOptions = Partial<
  Pick<
    WindowNode,
    "globalState" | "trigger" | "evictor" | "accumulation" | "allowedLatenessMs" | "lateTag"
  >
>;

/** A harness around the window operator of an assigner. */
export function windowHarness(
  assigner: WindowAssigner,
  compute: WindowComputation,
  options: WindowOptions = {},
  modes: Parameters<typeof harness>[1] = {},
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
  return harness((parts) => windowOperator(node, parts), modes);
}

export const tumbling = (sizeMs: number, offsetMs = 0) =>
  ({ kind: "tumbling", sizeMs, offsetMs }) as const;
export const sliding = (sizeMs: number, slideMs: number, offsetMs = 0) =>
  ({ kind: "sliding", sizeMs, slideMs, offsetMs }) as const;
export const session = (gapMs: number) => ({ kind: "session", gapMs }) as const;

/** Adds numbers up in an accumulator that it changes in place. */
export const sum: WindowComputation = {
  kind: "aggregate",
  aggregate: {
    create: () => ({ total: 0 }),
    add(accumulator: { total: number }, value: number) {
      accumulator.total += value;
      return accumulator;
    },
    retract(accumulator: { total: number }, value: number) {
      accumulator.total -= value;
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
