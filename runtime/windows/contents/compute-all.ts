import type { WindowContext } from "../../graph/functions.ts";
import type { KeyValue } from "../../graph/key-value.ts";
import type { WindowComputation } from "../../graph/node.ts";
import { synchronous, synchronousResults } from "../../graph/synchronous.ts";

type Compute = (values: readonly unknown[], context: WindowContext<KeyValue>) => readonly unknown[];

/** A window's computation over all of its elements at once. A reduce of none has no result. */
export function computeAll(compute: WindowComputation): Compute {
  if (compute.kind === "process")
    return (values, context) => synchronousResults(compute.process(values, context), "process");
  const { result } = compute;
  const own = (value: unknown, context: WindowContext<KeyValue>): readonly unknown[] => [
    result === undefined ? value : synchronous<unknown>(result(value, context), "result"),
  ];
  if (compute.kind === "reduce")
    return (values, context) => {
      if (values.length === 0) return [];
      const [first, ...others] = values;
      const reduced = others.reduce<unknown>(
        (left, right) => synchronous<unknown>(compute.reduce(left, right), "reduce"),
        first,
      );
      return own(reduced, context);
    };
  const { create, add, result: resultOf } = compute.aggregate;
  return (values, context) => {
    const accumulated = values.reduce<unknown>(
      (accumulator, value) => synchronous<unknown>(add(accumulator, value), "add"),
      create(),
    );
    return own(synchronous<unknown>(resultOf(accumulated), "result"), context);
  };
}
