import type { WindowContext } from "../../graph/functions.ts";
import type { KeyValue } from "../../graph/key-value.ts";
import type { WindowNode } from "../../graph/node.ts";
import type { OperatorParts } from "../../operators/contract.ts";
import { aggregateContents } from "./aggregate-contents.ts";
import { evictingContents } from "./evicting-contents.ts";
import { processContents } from "./process-contents.ts";
import { reduceContents } from "./reduce-contents.ts";

/**
 * What a window keeps, by the kind of its computation. All of it speaks of the key in hand. Accumulators are what is
 * persisted; a function that takes one may change it in place.
 */
export interface WindowContents {
  /** The accumulator of a window with its first element, by the name of the window. */
  first(name: string, value: unknown, timestampMs: number): unknown;
  add(accumulator: unknown, value: unknown, timestampMs: number): unknown;
  /** Its results may leave less in it, so that they can't be made again. */
  readonly evicts?: true;
  /** Takes an element out again. */
  retract(accumulator: unknown, value: unknown): unknown;
  /** Joins two windows that have become one, the earlier one first. */
  merge(left: unknown, right: unknown): unknown;
  /** The results of a window; `livesOn` where its accumulator is used again afterwards. */
  results(
    accumulator: unknown,
    context: WindowContext<KeyValue>,
    livesOn: boolean,
  ): readonly unknown[];
  /** Clears what is kept outside the accumulator; absent where nothing is. */
  clear?(accumulator: unknown): void;
}

/** The name under which an operator keeps state and reports failures. */
export function operatorName(node: WindowNode): string {
  return node.uid ?? node.name;
}

/** The contents of a node's windows. */
export function windowContents(node: WindowNode, parts: OperatorParts): WindowContents {
  const { compute, evictor } = node;
  const operator = operatorName(node);
  if (evictor !== undefined)
    return evictingContents({ operator, compute, evictor, runtime: parts.runtime });
  switch (compute.kind) {
    case "aggregate":
      return aggregateContents(operator, compute);
    case "reduce":
      return reduceContents(operator, compute);
    case "process":
      return processContents(operator, compute, parts.runtime);
  }
}
