import { UserCodeFailure } from "../runtime/operators/contract.ts";
import type { Subtask, TimerGate } from "../runtime/operators/subtask.ts";
import { jobError } from "../runtime/errors/millrace-error.ts";
import { combineWatermarks } from "../runtime/exchange/watermark.ts";
import type { DataStream } from "../runtime/index.ts";
import { timerText } from "../runtime/state/timer-name.ts";
import { type HarnessJob, harnessJob, type HarnessResults, inputUid } from "./harness-job.ts";
import {
  type HarnessOutput,
  type HarnessResources,
  type HarnessSetting,
  type HarnessStages,
  harnessStages,
} from "./harness-stages.ts";
import {
  type HarnessClocks,
  type HarnessSnapshot,
  type InputTime,
  restoreInto,
  snapshotOf,
} from "./harness-snapshot.ts";
import { type HarnessState, type HarnessTimer, stateOf, timersOf } from "./harness-views.ts";

export interface HarnessOptions {
  /** Keys are spread over so many subtasks. Default: 1. */
  readonly parallelism?: number;
  /** Begins with what another harness has kept: with another parallelism, or of another version of the job. Default: empty. */
  readonly restore?: HarnessSnapshot;
  /** Of the job. Default: 128. */
  readonly maxParallelism?: number;
  /** What stands for resources of its operators, which a harness does not open: `new Map([[db, fake]])`. Default: none. */
  readonly resources?: HarnessResources;
  /**
   * What calls of `mapAsync` answer, by its uid: nothing is waited for here. What a function throws is the call's failure, behind all of its retries. Default: what
   * asks for a call is refused.
   */
  readonly calls?: Readonly<Record<string, (value: never) => unknown>>;
}

type StreamsOf<I extends readonly unknown[]> = { readonly [K in keyof I]: DataStream<I[K]> };
type ElementOf<S> = S extends DataStream<infer T> ? T : never;
type OutputsOf<R> =
  R extends DataStream<infer T> ? { readonly "": T } : { readonly [N in keyof R]: ElementOf<R[N]> };

/** One of the inputs of a harness. */
export interface HarnessInput<T> {
  /** An element with its event time in ms. */
  element(value: T, timestampMs: number): void;
  /** Says that no element before this time comes any more, in ms, and fires what is due; one that goes back changes nothing. */
  watermark(timestampMs: number): void;
  /** No element comes for now: the watermark waits for the other inputs alone, until the next element or watermark. */
  idle(): void;
}

/** Drives a part of a job by hand, in event time and processing time. Its own methods are those of the first input. */
export interface Harness<I extends readonly unknown[], R> extends HarnessInput<I[0]> {
  /** The input of a parameter, by its place: 0 is the first. */
  input<N extends number>(place: N): HarnessInput<I[N]>;
  /** Sets the clock of processing time, in ms, and fires the timers that are due. It begins at 0. */
  processingTime(nowMs: number): void;
  /** The inputs are over: all that is due by event time fires. */
  end(): void;
  /** What has come out since it was taken last, in order; of the output of a name, where the function answers several. */
  take(): readonly HarnessOutput<OutputsOf<R>["" & keyof OutputsOf<R>]>[];
  take<N extends keyof OutputsOf<R>>(output: N): readonly HarnessOutput<OutputsOf<R>[N]>[];
  /** Elements that came too late, for the operator of this uid, since the harness was made. */
  lateElements(operator: string): number;
  /** What a state of an operator holds. @throws MillraceError `state-not-in-job` */
  state(operator: string, state: string): HarnessState;
  /** Timers that are armed, by time: of processes and of windows. */
  timers(): readonly HarnessTimer[];
  /** The watermark of the first input and the clock, and all state, as bytes. */
  snapshot(): HarnessSnapshot;
  /** A fresh environment: everything is read from its bytes. */
  cold(): void;
}

/** What is driven: its parameters are the inputs, and what it answers the outputs. */
type Build<I extends readonly unknown[], R> = (...inputs: StreamsOf<I>) => R;

/**
 * Drives a part of a job step by step, as Flink's operator harnesses do: the function is given a stream for each of its parameters, and what it
 * answers is collected. Each call is a step that is committed as a whole; an element that user code throws at leaves nothing, and what it threw is
 * thrown here. The operators are those that are deployed. Timestamps and watermarks are given, so that `watermarks` of sources have no part in it, and
 * neither have shards, batches and failures: {@link runJob} and {@link checkJob} have.
 *
 * @example harness((clicks: DataStream<Click>) => clicks.keyBy("user").reduce(latest, { uid: "latest" }))
 * @throws MillraceError `harness-invalid`, and what the planner throws
 */
export function harness<I extends readonly unknown[], R extends HarnessResults>(
  build: Build<I, R>,
  options: HarnessOptions = {},
): Harness<I, R> {
  const { parallelism = 1, maxParallelism = 128, restore, calls = {} } = options;
  const { resources = new Map() } = options;
  const job = harnessJob(build as never, maxParallelism);
  return new JobHarness(job, { parallelism, calls, resources }, restore) as never;
}

const begin: InputTime = { ms: Number.NEGATIVE_INFINITY, idle: false };

class JobHarness {
  readonly #job: HarnessJob;
  readonly #setting: HarnessSetting;
  #stages: HarnessStages;
  #times: InputTime[];
  #nowMs = 0;

  constructor(job: HarnessJob, setting: HarnessSetting, restore: HarnessSnapshot | undefined) {
    this.#job = job;
    this.#setting = setting;
    this.#stages = harnessStages(job, setting);
    this.#times = job.plan.sources.map(() => begin);
    if (restore !== undefined) this.#restore(restore);
  }

  element(value: unknown, timestampMs: number): void {
    this.input(0).element(value, timestampMs);
  }

  watermark(timestampMs: number): void {
    this.input(0).watermark(timestampMs);
  }

  idle(): void {
    this.input(0).idle();
  }

  input(at: number): HarnessInput<unknown> {
    const known = this.#times[at];
    if (known === undefined) throw inputUnknown(at, this.#times.length);
    return {
      element: (value, timestampMs) => {
        if (!Number.isSafeInteger(timestampMs)) throw timeInvalid(timestampMs);
        this.#times = this.#times.with(at, { ...known, ...this.#times[at], idle: false });
        this.#step(() => {
          this.#stages.inputs.get(inputUid(at))?.(value, timestampMs, "insert");
        });
      },
      watermark: (ms) => {
        if (Number.isNaN(ms)) throw timeInvalid(ms);
        const before = this.#times[at] ?? begin;
        this.#advance(at, { ms: Math.max(ms, before.ms), idle: false });
      },
      idle: () => this.#advance(at, { ...(this.#times[at] ?? begin), idle: true }),
    };
  }

  processingTime(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#step((gate) => {
      for (const subtask of this.#subtasks()) subtask.fireProcessing(gate);
    });
  }

  end(): void {
    this.#times = this.#times.map(() => ({ ms: Number.POSITIVE_INFINITY, idle: false }));
    this.#step((gate) => {
      this.#raise(gate);
      for (const subtask of this.#subtasks()) subtask.fireBehindEnd(gate);
    });
  }

  take(output = ""): readonly HarnessOutput<unknown>[] {
    const results = this.#stages.outputs.get(output);
    if (results === undefined) throw outputUnknown(output, this.#job.outputs);
    return results.splice(0);
  }

  lateElements(operator: string): number {
    const metrics = this.#stages.metrics.get(operator);
    if (metrics === undefined) throw operatorUnknown(operator, [...this.#stages.metrics.keys()]);
    return metrics.late;
  }

  state(operator: string, state: string): HarnessState {
    return stateOf(this.#job, this.#stages, { operator, state });
  }

  timers(): readonly HarnessTimer[] {
    return timersOf(this.#stages);
  }

  snapshot(): HarnessSnapshot {
    return snapshotOf(this.#job, this.#stages, { times: this.#times, nowMs: this.#nowMs });
  }

  cold(): void {
    const kept = this.snapshot();
    const { outputs, metrics } = this.#stages;
    const fresh = harnessStages(this.#job, this.#setting);
    for (const [name, results] of outputs) fresh.outputs.get(name)?.push(...results);
    for (const [name, counted] of metrics) Object.assign(fresh.metrics.get(name) ?? {}, counted);
    this.#stages = fresh;
    this.#restore(kept);
  }

  #restore(snapshot: HarnessSnapshot): void {
    const { times, nowMs }: HarnessClocks = restoreInto(this.#job, this.#stages, snapshot);
    this.#times = this.#times.map((time, at) => times[at] ?? time);
    this.#nowMs = nowMs;
    // Nothing is due that has not fired before.
    for (const { id } of this.#job.plan.stages) {
      const { ms, idle } = this.#timeOf(id);
      for (const subtask of this.#stages.subtasks.get(id) ?? [])
        Object.assign(subtask, { watermarkMs: ms, idle });
    }
  }

  #subtasks(): readonly Subtask[] {
    return [...this.#stages.subtasks.values()].flat();
  }

  #advance(at: number, time: InputTime): void {
    this.#times = this.#times.with(at, time);
    this.#step((gate) => this.#raise(gate));
  }

  /** Down the stages: what one fires is with the next before its watermark. */
  #raise(gate: TimerGate): void {
    for (const [id, subtasks] of this.#stages.subtasks) {
      const { ms, idle } = this.#timeOf(id);
      for (const subtask of subtasks) {
        subtask.idle = idle;
        subtask.advance(ms, gate);
      }
    }
  }

  #timeOf(stageId: string): InputTime {
    const { stages, sources } = this.#job.plan;
    const stage = stages.find(({ id }) => id === stageId);
    if (stage === undefined) return begin;
    if (stage.kind === "source")
      return this.#times[sources.findIndex(({ uid }) => uid === stage.source)] ?? begin;
    return combineWatermarks(stage.upstream.map((upstream) => this.#timeOf(upstream)));
  }

  /** What a call changes is committed as a whole, or not at all. */
  #step(run: (gate: TimerGate) => void): void {
    const subtasks = this.#subtasks();
    const before = subtasks.map(({ watermarkMs, idle, firing }) => ({ watermarkMs, idle, firing }));
    const lengths = [...this.#stages.outputs.values()].map(({ length }) => length);
    for (const subtask of subtasks) subtask.nowMs = this.#nowMs;
    try {
      run(endingGate);
    } catch (thrown) {
      for (const [at, subtask] of subtasks.entries()) {
        const { watermarkMs, idle, firing } = before[at] as (typeof before)[number];
        subtask.undo(watermarkMs, idle, firing);
      }
      for (const [at, results] of [...this.#stages.outputs.values()].entries())
        results.length = lengths[at] ?? 0;
      throw UserCodeFailure.is(thrown) ? thrown.cause : thrown;
    }
    for (const subtask of subtasks) {
      const { state, broadcast } = subtask;
      subtask.expire(Number.POSITIVE_INFINITY);
      if (state.prepare() !== undefined) state.accept();
      if (broadcast.prepare() !== undefined) broadcast.accept();
    }
  }
}

/** Behind the end of the input a timer that always sets itself again would never be over. */
const endingGate: TimerGate = (subtask, timer) => {
  if (!subtask.isEndless(timer)) return true;
  const operator = subtask.state.cellNames()[timer.cell];
  throw jobError("timer-endless", {
    message: `Timer "${operator}/${timerText(timer.mapKey)}" keeps setting itself again at the end of the input.`,
    next: "Let it end where the watermark is +Infinity.",
  });
};

function timeInvalid(timestampMs: number): Error {
  return jobError("harness-invalid", {
    message: `${timestampMs} is no event time.`,
    next: "Give milliseconds since 1970 as an integer; for a watermark ±Infinity too.",
  });
}

function inputUnknown(place: number, count: number): Error {
  return jobError("harness-invalid", {
    message: `The harness has no input ${place}: its function has ${count} parameters.`,
    next: "Give the place of a parameter: 0 is the first.",
  });
}

function outputUnknown(output: string, known: readonly string[]): Error {
  return jobError("harness-invalid", {
    message: `The harness has no output "${output}".`,
    next:
      known[0] === ""
        ? "Its function answers one stream: call take() without a name."
        : `Its function answers ${known.map((name) => `"${name}"`).join(", ")}.`,
  });
}

function operatorUnknown(operator: string, known: readonly string[]): Error {
  return jobError("harness-invalid", {
    message: `The harness has no operator "${operator}".`,
    next: `It has ${known.join(", ")}.`,
  });
}
