import { jobError } from "../errors/millrace-error.ts";
import type { Change } from "../graph/change.ts";
import type { WindowComputation } from "../graph/node.ts";
import { synchronous } from "../graph/synchronous.ts";
import { failIn, type OperatorOutput } from "../operators/contract.ts";
import { copyValue } from "./copy-value.ts";
import type { WindowContents } from "./window-contents.ts";

type AggregateComputation = Extract<WindowComputation, { readonly kind: "aggregate" }>;

/** Windows that keep one accumulator of the user's. */
export function aggregateContents(
  operator: string,
  { aggregate, result }: AggregateComputation,
  output: OperatorOutput,
): WindowContents {
  const add = (accumulator: unknown, value: unknown, change: Change) =>
    synchronous<unknown>(aggregate.add(accumulator, value, change), "add");
  return {
    first(_startMs, value, change) {
      try {
        return add(synchronous(aggregate.create(), "create"), value, change);
      } catch (thrown) {
        failIn(operator, thrown);
      }
    },
    add(accumulator, value, change) {
      try {
        return add(accumulator, value, change);
      } catch (thrown) {
        failIn(operator, thrown);
      }
    },
    merge(left, right) {
      if (aggregate.merge === undefined) throw mergeMissing(operator);
      try {
        return synchronous<unknown>(aggregate.merge(left, right), "merge");
      } catch (thrown) {
        failIn(operator, thrown);
      }
    },
    emit(accumulator, context, livesOn) {
      let emitted: unknown;
      try {
        const own = synchronous<unknown>(aggregate.result(accumulator), "result");
        const aggregated = livesOn ? copyValue(own) : own;
        emitted =
          result === undefined ? aggregated : synchronous(result(aggregated, context), "result");
      } catch (thrown) {
        failIn(operator, thrown);
      }
      output.emit(emitted, context.window.endMs - 1, context.change);
    },
    clear: () => undefined,
  };
}

function mergeMissing(operator: string): Error {
  return jobError("aggregate-merge-missing", {
    message: `Session window "${operator}" has to join two sessions, and its aggregate has no merge.`,
    next: "Give the aggregate a merge function that joins two accumulators into one.",
    uid: operator,
  });
}

/** Fails early where the aggregate of a session window can't be merged. */
export function requireMerge(operator: string, compute: WindowComputation): void {
  if (compute.kind === "aggregate" && compute.aggregate.merge === undefined)
    throw mergeMissing(operator);
}
