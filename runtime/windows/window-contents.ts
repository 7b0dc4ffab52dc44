import { jobError } from "../errors/millrace-error.ts";
import type { Change } from "../graph/change.ts";
import type { WindowContext } from "../graph/functions.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { WindowNode } from "../graph/node.ts";
import type { OperatorParts } from "../operators/contract.ts";
import { aggregateContents } from "./aggregate-contents.ts";
import { processContents } from "./process-contents.ts";
import { reduceContents } from "./reduce-contents.ts";

/**
 * What a window keeps, by the kind of its computation. All of it speaks of the key in hand. Accumulators are what is
 * persisted; a function that takes one may change it in place.
 */
export interface WindowContents {
  /** The accumulator of a window that begins at `startMs` with its first element. */
  first(startMs: number, value: unknown, change: Change): unknown;
  add(accumulator: unknown, value: unknown, change: Change): unknown;
  /** Joins the windows of two sessions, the earlier one first. */
  merge(left: unknown, right: unknown): unknown;
  /** Emits the results of a window; `livesOn` where its accumulator is used again afterwards. */
  emit(accumulator: unknown, context: WindowContext<KeyValue>, livesOn: boolean): void;
  /** Clears what is kept outside the accumulator. */
  clear(accumulator: unknown): void;
}

/** The name under which an operator keeps state and reports failures. */
export function operatorName(node: WindowNode): string {
  return node.uid ?? node.name;
}

/** The contents of a node's windows. */
export function windowContents(node: WindowNode, parts: OperatorParts): WindowContents {
  const { compute } = node;
  switch (compute.kind) {
    case "aggregate":
      return aggregateContents(operatorName(node), compute, parts.output);
    case "reduce":
      return refusingDeletes(node, reduceContents(operatorName(node), compute, parts.output));
    case "process":
      return refusingDeletes(node, processContents(operatorName(node), compute, parts));
  }
}

/** Only an aggregate is told of a withdrawal: what was reduced or collected can't be taken out again. */
function refusingDeletes(node: WindowNode, contents: WindowContents): WindowContents {
  function refuse(change: Change): void {
    if (change !== "delete") return;
    throw jobError("window-takes-no-deletes", {
      message: `Window "${operatorName(node)}" computes with ${node.compute.kind} and can't take back an element that was withdrawn ("delete").`,
      next: 'Compute with aggregate, whose add is told the change of each element, or filter "delete" out before the window.',
      uid: operatorName(node),
    });
  }
  return {
    ...contents,
    first(startMs, value, change) {
      refuse(change);
      return contents.first(startMs, value, change);
    },
    add(accumulator, value, change) {
      refuse(change);
      return contents.add(accumulator, value, change);
    },
  };
}
