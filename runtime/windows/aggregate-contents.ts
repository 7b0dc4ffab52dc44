import { jobError } from "../errors/millrace-error.ts";
import type { WindowComputation } from "../graph/node.ts";
import { synchronous } from "../graph/synchronous.ts";
import { failIn } from "../operators/contract.ts";
import { windowsName } from "../plan/state-names.ts";
import { copyInPassing, copyValue } from "../serde/copy-value.ts";
import type { WindowContents } from "./window-contents.ts";

type AggregateComputation = Extract<WindowComputation, { readonly kind: "aggregate" }>;

/** Windows that keep one accumulator of the user's. */
export function aggregateContents(
  operator: string,
  { aggregate, result }: AggregateComputation,
): WindowContents {
  const about = `State "${operator}/${windowsName}"`;

  /** What was changed in place is the window's own already; of anything else the function may have kept a part. */
  function own(what: string, accumulator: unknown, next: () => unknown): unknown {
    try {
      const answer = synchronous(next(), what);
      return answer === accumulator ? answer : copyValue(answer, about);
    } catch (thrown) {
      return failIn(operator, thrown);
    }
  }

  function add(accumulator: unknown, value: unknown): unknown {
    return own("add", accumulator, () => aggregate.add(accumulator, value));
  }

  return {
    first: (_startMs, value) =>
      add(
        own("create", undefined, () => aggregate.create()),
        value,
      ),
    add,
    retract: (accumulator, value) =>
      own("retract", accumulator, () => aggregate.retract?.(accumulator, value)),
    merge(left, right) {
      const { merge } = aggregate;
      if (merge === undefined) throw mergeMissing(operator);
      return own("merge", left, () => merge(left, right));
    },
    results(accumulator, context, livesOn) {
      try {
        // The function may change what it is given, and the next result is made of what is kept.
        const own = livesOn ? copyInPassing(accumulator) : accumulator;
        const aggregated = synchronous<unknown>(aggregate.result(own), "result");
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
