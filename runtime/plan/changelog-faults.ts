import { jobError } from "../errors/millrace-error.ts";
import type { Node } from "../graph/node.ts";
import type { Changes } from "./changelog.ts";
import { named } from "./place.ts";

/**
 * Refuses an operator that would count what is replaced or withdrawn twice. What takes changes must say how it takes a value
 * back, or that it looks at the change itself.
 */
export function checkTakesChanges(node: Node, given: Changes): void {
  switch (node.kind) {
    case "reduce":
      if (node.retract === undefined)
        throw notTaken(
          node,
          given,
          "Give its options retract(accumulated, value), which takes a value out again",
        );
      return;
    case "process":
      if ((node.definition.accepts ?? "append") === "append")
        throw notTaken(
          node,
          given,
          'Say accepts: "upsert" in its definition if it puts each result in the place of the one before, or "retract" if it needs ctx.before',
        );
      return;
    case "window":
      return checkWindow(node, given);
    default:
      return;
  }
}

function checkWindow(node: Extract<Node, { readonly kind: "window" }>, given: Changes): void {
  const { assigner, compute } = node;
  if (!given.isTimeStable)
    throw notTaken(
      node,
      given,
      "The time of a rolling result moves with each element, so that it belongs to no window. Put the window before it",
    );
  if (assigner.kind === "session")
    throw notTaken(
      node,
      given,
      "A session can't be taken apart again when an element is withdrawn. Use fixed windows",
    );
  if (compute.kind === "aggregate" && compute.aggregate.retract === undefined)
    throw notTaken(
      node,
      given,
      "Give its aggregate retract(accumulator, value), which takes a value out again",
    );
  if (compute.kind === "reduce")
    throw notTaken(
      node,
      given,
      "Use aggregate with retract(accumulator, value), which takes a value out again",
    );
}

function notTaken(node: Node, { cause }: Changes, mend: string): Error {
  const why =
    cause.kind === "reduce"
      ? "gives a new result for every element"
      : cause.kind === "window" && cause.allowedLatenessMs > 0
        ? "fires again for late elements"
        : "changes its results when its input is changed";
  return jobError("changes-not-taken", {
    ...(node.uid !== undefined && { uid: node.uid }),
    message: `The ${named(node)} would count results twice: the ${named(cause)} ${why}.`,
    next: `${mend}; or take every change as an element of its own with toChangelogStream().`,
  });
}
