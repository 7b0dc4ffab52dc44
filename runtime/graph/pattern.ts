import type { KeyValue } from "./key-value.ts";
import type { AnyValue, NodeBase } from "./node.ts";
import type { OutputTag } from "./output-tag.ts";
import type { StateVersion } from "./state-declarations.ts";

/** What has been matched so far, or had been when it was too late for the rest: any stage may still have nothing. */
export type PartialMatch<M> = {
  readonly [Name in keyof M]: readonly (M[Name] extends readonly (infer V)[] ? V : never)[];
};

/** What is known while a pattern's match or time-out is in hand. */
export interface MatchContext<K extends KeyValue> {
  readonly key: K;
  /** Time of the match: that of its last element, or when it was certain; of a time-out, when it came. In milliseconds since 1970. */
  readonly timestampMs: number;
  /** The processing time of this batch. */
  readonly nowMs: number;
}

export interface PatternProcessContext<K extends KeyValue, O> extends MatchContext<K> {
  emit(value: O): void;
  output<V>(tag: OutputTag<V>, value: V): void;
}

/** What goes on where a match was found (Flink's AfterMatchSkipStrategy). */
export type AfterMatch<Name extends string> =
  | { readonly kind: "noSkip" | "skipToNext" | "skipPastLastEvent" }
  | {
      readonly kind: "skipToFirst" | "skipToLast";
      readonly stage: Name;
      readonly throwOnMiss: boolean;
    };

/** A pattern, with what runs it: only jobs that have a pattern carry that. */
export interface PatternDefinition {
  /** Names of the stages whose elements a match has, in order. */
  readonly stages: readonly string[];
  /** All of it that isn't a function. */
  readonly identity: readonly AnyValue[];
  /** @throws MillraceError of the job domain, where it can't be looked for */
  readonly check: (node: PatternNode) => void;
  /** Makes the operator (runtime/patterns/pattern-operator.ts). */
  readonly operator: AnyValue;
}

declare const matched: unique symbol;

/** Anything that is a pattern of elements of `T` and gives matches of `M`. */
export interface PatternOf<T, M> {
  readonly [matched]?: (element: T) => M;
  readonly definition: PatternDefinition;
}

/** Looks for a pattern in the elements of each key. */
export interface PatternNode extends NodeBase {
  readonly kind: "pattern";
  readonly pattern: PatternDefinition;
  readonly time: "event" | "processing";
  readonly afterMatch: AfterMatch<string>;
  /** Order of elements of one time. Absent: that of their arrival. */
  readonly comparator?: (left: AnyValue, right: AnyValue) => number;
  /** Tags of side outputs; absent: what is late is counted and dropped, what timed out is forgotten. */
  readonly lateTag?: string;
  readonly timedOutTag?: string;
  /** How many matches of a key may have begun; absent: any number. */
  readonly maxPartialMatches?: number;
  /** Version of the elements that are kept. */
  readonly state: StateVersion<AnyValue>;
  readonly onMatch: (match: AnyValue, context: AnyValue) => unknown;
  readonly onTimedOut?: (match: AnyValue, context: AnyValue) => unknown;
}
