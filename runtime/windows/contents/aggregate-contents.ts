import { jobError } from "../../errors/millrace-error.ts";
import type { WindowComputation } from "../../graph/node.ts";
import { synchronous } from "../../graph/synchronous.ts";
import { failIn } from "../../operators/contract.ts";
import { windowsName } from "../../plan/state-names.ts";
import { copierOfAnswers, copyInPassing, copyValue } from "../../serde/copy-value.ts";
import type { WindowContents } from "./window-contents.ts";

type AggregateComputation = Extract<WindowComputation, { readonly kind: "aggregate" }>;

/** Windows that keep one accumulator of the user's. */
export function aggregateContents(
  operator: string,
  { aggregate, result }: AggregateComputation,
): WindowContents {
  const about = `State "${operator}/${windowsName}"`;

  const copyAdded = copierOfAnswers(aggregate.add, about);

  /** What was changed in place is the window's own already; of anything else the function may have kept a part. */
  function own(answer: unknown, accumulator: unknown, what: string): unknown {
    return synchronous(answer, what) === accumulator ? answer : copyValue(answer, about);
  }

  function add(accumulator: unknown, value: unknown): unknown {
    try {
      const added = synchronous<unknown>(aggregate.add(accumulator, value), "add");
      return added === accumulator ? added : copyAdded(added);
    } catch (thrown) {
      return failIn(operator, thrown);
    }
  }

  function create(): unknown {
    try {
      return own(aggregate.create(), undefined, "create");
    } catch (thrown) {
      return failIn(operator, thrown);
    }
  }

  return {
    first: (_name, value) => add(create(), value),
    add,
    retract(accumulator, value) {
      try {
        return own(aggregate.retract?.(accumulator, value), accumulator, "retract");
      } catch (thrown) {
        return failIn(operator, thrown);
      }
    },
    merge(left, right) {
      const { merge } = aggregate;
      if (merge === undefined) throw mergeMissing(operator);
      try {
        return own(merge(left, right), left, "merge");
      } catch (thrown) {
        return failIn(operator, thrown);
      }
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
