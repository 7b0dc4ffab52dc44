import type { Node } from "../graph/node.ts";
import { type KeyedOperator, type OperatorParts, passOn, type Push } from "./contract.ts";
import type { NodeParts } from "./spec.ts";

/** Makes an operator that keeps state, in the subtask of its stage; what fails in a timer leaves with its name and the key. */
export function keyed<N extends Node>(
  create: (node: N, parts: OperatorParts) => KeyedOperator,
): (node: N, parts: NodeParts) => Push {
  return (node, { name, subtask, sink: _, ...parts }) => {
    if (subtask === undefined) throw new Error("A keyed operator stands in a stage without keys.");
    const firstCell = subtask.state.cellNames().length;
    const operator = create(node, { runtime: subtask, ...parts });
    subtask.own(firstCell, {
      ...operator,
      onTimer(timer) {
        try {
          operator.onTimer(timer);
        } catch (thrown) {
          passOn(thrown, { operator: name, key: timer.record.key });
        }
      },
    });
    return operator.push;
  };
}
