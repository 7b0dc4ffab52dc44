import { jobError } from "../errors/millrace-error.ts";
import type { WindowComputation } from "../graph/node.ts";
import { synchronous } from "../graph/synchronous.ts";
import { failIn } from "../operators/contract.ts";
import { copyInPassing } from "../serde/copy-value.ts";
import type { WindowContents } from "./window-contents.ts";

type AggregateComputation = Extract<WindowComputation, { readonly kind: "aggregate" }>;

/** Windows that keep one accumulator of the user's. */
export function aggregateContents(
  operator: string,
  { aggregate, result }: AggregateComputation,
): WindowContents {
  const add = (accumulator: unknown, value: unknown) =>
    synchronous<unknown>(aggregate.add(accumulator, value), "add");
  return {
    first(_startMs, value) {
      try {
        return add(synchronous(aggregate.create(), "create"), value);
      } catch (thrown) {
        failIn(operator, thrown);
      }
    },
    add(accumulator, value) {
      try {
        return add(accumulator, value);
      } catch (thrown) {
        failIn(operator, thrown);
      }
    },
    retract(accumulator, value) {
      try {
        return synchronous<unknown>(aggregate.retract?.(accumulator, value), "retract");
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
    results(accumulator, context, livesOn) {
      try {
        const own = synchronous<unknown>(aggregate.result(accumulator), "result");
        const aggregated = livesOn ? copyInPassing(own) : own;
        return [
          result === undefined ? aggregated : synchronous(result(aggregated, context), "result"),
        ];
      } catch (thrown) {
        failIn(operator, thrown);
      }
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
