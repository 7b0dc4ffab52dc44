import {
  type Comparable,
  checkComparable,
  checkSummable,
  extreme,
  extremeBy,
  type Summable,
  summing,
} from "../graph/field-aggregates.ts";
import type { AnyValue, ReduceNode } from "../graph/node.ts";
import type { StateTtl } from "../graph/state-ttl.ts";
import type { ResultStream } from "./data-stream.ts";
import type { OperatorOptions } from "./keyed-stream.ts";

/** Names of an element's fields that `sum` takes: numbers, none of which may be missing. */
export type SummableFieldOf<T> = {
  [F in keyof T & string]-?: T[F] extends Summable ? F : never;
}[keyof T & string];

/** Names of an element's fields whose values have an order, none of which may be missing. */
export type ComparableFieldOf<T> = {
  [F in keyof T & string]-?: T[F] extends Comparable ? F : never;
}[keyof T & string];

export interface RollingOptions extends OperatorOptions {
  /** As that of `reduce`. Default: results live for ever. */
  readonly ttl?: StateTtl;
}

export interface SumOptions extends RollingOptions {
  /**
   * Its input has results that are replaced or withdrawn: these are taken out again (docs/changes.md), for which it counts the elements of each
   * key. Default: false.
   */
  readonly retracts?: boolean;
}

export interface ExtremeByOptions extends RollingOptions {
  /** Which one of several elements with the same value. Default: "first". */
  readonly takes?: "first" | "last";
}

/** Rolling aggregates of a field: a new result of the key for every element, in place of the one before. */
export interface RollingAggregates<T> {
  /** The first element of the key, with the sum of all in the field. Flink's `sum`. */
  sum(field: SummableFieldOf<T>, options: SumOptions): ResultStream<T>;
  /** The first element of the key, with the least value of all in the field; `minBy` gives the element that has it. Flink's `min`. */
  min(field: ComparableFieldOf<T>, options: RollingOptions): ResultStream<T>;
  /** The first element of the key, with the greatest value of all in the field. Flink's `max`. */
  max(field: ComparableFieldOf<T>, options: RollingOptions): ResultStream<T>;
  /** The element of the key with the least value in the field. Flink's `minBy`. */
  minBy(field: ComparableFieldOf<T>, options: ExtremeByOptions): ResultStream<T>;
  /** The element of the key with the greatest value in the field. Flink's `maxBy`. */
  maxBy(field: ComparableFieldOf<T>, options: ExtremeByOptions): ResultStream<T>;
}

type Functions = Pick<ReduceNode, "fn" | "retract" | "check">;
type Add = (
  functions: Functions,
  options: OperatorOptions,
  method: unknown,
) => ResultStream<AnyValue>;

/** The methods of a keyed stream; `add` adds a reduce. */
export function rollingAggregates(add: Add): RollingAggregates<AnyValue> {
  const compared = (field: string) => ({ check: checkComparable(field) });
  const methods: RollingAggregates<AnyValue> = {
    sum(field, options) {
      const retract = options.retracts === true && { retract: summing(field, -1) };
      const functions = { fn: summing(field, 1), ...retract, check: checkSummable(field) };
      return add(functions, options, methods.sum);
    },
    min: (field, options) =>
      add({ fn: extreme(field, 1), ...compared(field) }, options, methods.min),
    max: (field, options) =>
      add({ fn: extreme(field, -1), ...compared(field) }, options, methods.max),
    minBy: (field, options) =>
      add(
        { fn: extremeBy(field, 1, options.takes ?? "first"), ...compared(field) },
        options,
        methods.minBy,
      ),
    maxBy: (field, options) =>
      add(
        { fn: extremeBy(field, -1, options.takes ?? "first"), ...compared(field) },
        options,
        methods.maxBy,
      ),
  };
  return methods;
}
