import type { WithoutWaiting } from "../graph/functions.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { OutputTag } from "../graph/output-tag.ts";
import type {
  AfterMatch,
  MatchContext,
  PartialMatch,
  PatternNode,
  PatternOf,
  PatternProcessContext,
} from "../graph/pattern.ts";
import type { NoResult } from "../graph/functions.ts";
import type { StateVersion } from "../graph/state-declarations.ts";
import { positiveCount } from "./above-zero.ts";
import type { ResultStream } from "./data-stream.ts";
import type { ElementType } from "./element-type.ts";
import type { OperatorOptions } from "./keyed-stream.ts";
import { previously } from "./previously.ts";
import { versionOf } from "./state.ts";

/** `version` and `migrate` are those of the elements that are kept. */
export interface PatternOptions<T, M> extends OperatorOptions, StateVersion<T> {
  /** What goes on where a match was found: `skipToNext()`, `skipPastLastEvent()`, `skipToFirst("stage")`, `skipToLast("stage")`. Default: `noSkip()`. */
  readonly afterMatch?: AfterMatch<keyof M & string>;
  /** "event": elements in the order of their time, once the watermark has reached it. "processing": as they come. Default: "event". */
  readonly time?: "event" | "processing";
  /** Order of elements that have the same event time. Default: that of their arrival. */
  readonly comparator?: (left: T, right: T) => number;
  /**
   * How many matches of a key may have begun, or wait for one that began earlier. An element that would make them more fails, and becomes a dead letter
   * that says so; the matches stay. Default: any number.
   */
  readonly maxPartialMatches?: number;
  /** Side output for elements at or behind the watermark. Default: they are counted and dropped. */
  readonly lateOutput?: OutputTag<T>;
  /** Side output for what had begun to match when its time was over. Default: it is forgotten. */
  readonly timedOutOutput?: OutputTag<PartialMatch<M>>;
}

export interface PatternProcessFunction<M, K extends KeyValue, O> {
  /** Type of what `ctx.emit` takes: `elementType<Result>()`. Without it there are side outputs only. */
  readonly emits?: ElementType<O>;
  readonly onMatch: (match: M, context: PatternProcessContext<K, O>) => NoResult;
  /** Is given what had begun to match when its time was over. It can emit to side outputs only, as Flink's. */
  readonly onTimedOut?: (
    match: PartialMatch<M>,
    context: PatternProcessContext<K, never>,
  ) => NoResult;
}

/** A keyed stream in which a pattern is looked for, before it is said what to make of its matches. */
export interface PatternStream<M, K extends KeyValue> {
  /** One result for each match. */
  select<O>(
    select: ((match: M, context: MatchContext<K>) => O) & WithoutWaiting<O>,
  ): ResultStream<O>;
  /** Any number of results. */
  flatSelect<O>(
    select: ((match: M, context: MatchContext<K>) => readonly O[]) & WithoutWaiting<O>,
  ): ResultStream<O>;
  /** A function of your own for matches, and for what timed out; with side outputs. Flink's PatternProcessFunction. */
  process<O = never>(functions: PatternProcessFunction<M, K, O>): ResultStream<O>;
}

type Functions = Pick<PatternNode, "onMatch" | "onTimedOut">;

/** All of a pattern's node but its functions. */
export function patternDraft<T, M>(
  { definition }: PatternOf<T, M>,
  options: PatternOptions<T, M>,
): Omit<PatternNode, "id" | "name" | "inputs" | keyof Functions> {
  const { uid, previousUids, afterMatch = { kind: "noSkip" }, time = "event" } = options;
  const { comparator, lateOutput, timedOutOutput, maxPartialMatches } = options;
  return {
    kind: "pattern",
    uid,
    pattern: definition,
    time,
    afterMatch,
    ...(comparator !== undefined && { comparator }),
    ...(lateOutput !== undefined && { lateTag: lateOutput.tag }),
    ...(timedOutOutput !== undefined && { timedOutTag: timedOutOutput.tag }),
    ...(maxPartialMatches !== undefined && {
      maxPartialMatches: positiveCount("maxPartialMatches", maxPartialMatches, "a pattern"),
    }),
    state: versionOf(options),
    ...previously(previousUids),
  };
}

/** The methods of a pattern's stream. `add` adds its node. */
export function patternStream<M, K extends KeyValue>(
  add: <O>(functions: Functions, method: unknown) => ResultStream<O>,
): PatternStream<M, K> {
  const stream: PatternStream<M, K> = {
    select: (select) =>
      add({ onMatch: (match, context) => context.emit(select(match, context)) }, stream.select),
    flatSelect: (select) =>
      add(
        {
          onMatch(match, context) {
            for (const result of select(match, context)) context.emit(result);
          },
        },
        stream.flatSelect,
      ),
    process: ({ onMatch, onTimedOut }) =>
      add({ onMatch, ...(onTimedOut !== undefined && { onTimedOut }) }, stream.process),
  };
  return Object.freeze(stream);
}
