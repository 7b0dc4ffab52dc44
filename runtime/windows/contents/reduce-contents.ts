import type { WindowComputation } from "../../graph/node.ts";
import { synchronous } from "../../graph/synchronous.ts";
import { failIn } from "../../operators/contract.ts";
import { windowsName } from "../../plan/state-names.ts";
import { copyInPassing, copyValue } from "../../serde/copy-value.ts";
import type { WindowContents } from "./window-contents.ts";

type ReduceComputation = Extract<WindowComputation, { readonly kind: "reduce" }>;

/** Windows that keep one reduced value. Elements are a window's own: the first becomes the value. */
export function reduceContents(
  operator: string,
  { reduce, result }: ReduceComputation,
): WindowContents {
  const about = `State "${operator}/${windowsName}"`;

  /** What was changed in place is the window's own already; of anything else the function may have kept a part. */
  function reduced(left: unknown, right: unknown): unknown {
    try {
      const joined = synchronous<unknown>(reduce(left, right), "reduce");
      return joined === left ? joined : copyValue(joined, about);
    } catch (thrown) {
      return failIn(operator, thrown);
    }
  }
  return {
    first: (_name, value) => value,
    add: reduced,
    merge: reduced,
    retract: () => {
      throw new Error(`Window "${operator}" was planned to take changes, but a reduce can't.`);
    },
    results(accumulator, context, livesOn) {
      if (result === undefined) return [accumulator];
      const own = livesOn ? copyInPassing(accumulator) : accumulator;
      try {
        return [synchronous<unknown>(result(own, context), "result")];
      } catch (thrown) {
        failIn(operator, thrown);
      }
    },
  };
}
