import type { WindowJoinNode } from "../../graph/window-join.ts";
import { type OperatorParts, sideOf } from "../../operators/contract.ts";
import type { KeyedInputs } from "../../operators/keyed.ts";
import { windowOperator } from "../window-operator.ts";
import { joinedWindow } from "./joined-window.ts";

/** The elements of two inputs in windows, with the semantics of Flink's coGroup and join: those of a WindowOperator over both. */
export function windowJoinOperator(node: WindowJoinNode, parts: OperatorParts): KeyedInputs {
  const { output } = parts;
  const late = {
    left: sideOf(output, node.leftLateTag),
    right: sideOf(output, node.rightLateTag),
  };
  const { push, ...windows } = windowOperator(joinedWindow(node), {
    ...parts,
    output: {
      ...output,
      side: () => (one, timestampMs, change) => {
        if ("left" in one) late.left?.(one.left, timestampMs, change);
        else late.right?.(one.right, timestampMs, change);
      },
    },
  });
  return {
    ...windows,
    pushes: [
      (left, timestampMs, change) => push({ left }, timestampMs, change),
      (right, timestampMs, change) => push({ right }, timestampMs, change),
    ],
  };
}
