import type { WindowComputation } from "../graph/node.ts";
import { synchronous } from "../graph/synchronous.ts";
import { failIn } from "../operators/contract.ts";
import { copyInPassing } from "../serde/copy-value.ts";
import type { WindowContents } from "./window-contents.ts";

type ReduceComputation = Extract<WindowComputation, { readonly kind: "reduce" }>;

/** Windows that keep one reduced value. It never is an element itself: elements are shared between windows. */
export function reduceContents(
  operator: string,
  { reduce, result }: ReduceComputation,
): WindowContents {
  function reduced(left: unknown, right: unknown): unknown {
    try {
      return synchronous<unknown>(reduce(left, right), "reduce");
    } catch (thrown) {
      failIn(operator, thrown);
    }
  }
  return {
    first: (_startMs, value) => copyInPassing(value),
    add(accumulator, value) {
      const joined = reduced(accumulator, value);
      return joined === value ? copyInPassing(joined) : joined;
    },
    merge: reduced,
    retract: () => {
      throw new Error(`Window "${operator}" was planned to take changes, but a reduce can't.`);
    },
    results(accumulator, context, livesOn) {
      const own = livesOn ? copyInPassing(accumulator) : accumulator;
      if (result === undefined) return [own];
      try {
        return [synchronous<unknown>(result(own, context), "result")];
      } catch (thrown) {
        failIn(operator, thrown);
      }
    },
    clear: () => undefined,
  };
}
