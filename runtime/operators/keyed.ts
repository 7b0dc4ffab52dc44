import type { Node } from "../graph/node.ts";
import {
  type KeyedOperator,
  type OperatorParts,
  passOn,
  type Push,
  UserCodeFailure,
} from "./contract.ts";
import type { NodeParts } from "./spec.ts";

/** Makes an operator that keeps state, in the subtask of its stage. */
export function keyed<N extends Node>(
  create: (node: N, parts: OperatorParts) => KeyedOperator,
): (node: N, parts: NodeParts) => Push {
  return (node, parts) => inSubtask(parts, (own) => create(node, own)).push;
}

/** The same for one with a function for each of its inputs. */
export function keyedInputs<N extends Node>(
  create: (node: N, parts: OperatorParts) => KeyedInputs,
): (node: N, parts: NodeParts) => readonly Push[] {
  return (node, parts) => inSubtask(parts, (own) => create(node, own)).pushes;
}

export interface KeyedInputs extends Omit<KeyedOperator, "push"> {
  readonly pushes: readonly Push[];
}

/** Gives an operator its timers; what fails in one leaves with the operator's name and the key. */
function inSubtask<O extends Omit<KeyedOperator, "push">>(
  { name, subtask, sink: _, call: __, ...parts }: NodeParts,
  create: (parts: OperatorParts) => O,
): O {
  if (subtask === undefined) throw new Error("A keyed operator stands in a stage without keys.");
  const firstCell = subtask.state.cellNames().length;
  const operator = create({ runtime: subtask, ...parts });
  subtask.own(firstCell, {
    passOver: operator.passOver,
    ...(operator.left !== undefined && { left: operator.left }),
    onTimer(timer) {
      try {
        operator.onTimer(timer);
      } catch (thrown) {
        const element = UserCodeFailure.is(thrown) ? thrown.element : undefined;
        passOn(thrown, {
          operator: name,
          key: timer.record.key,
          ...(element !== undefined && { element }),
        });
      }
    },
  });
  return operator;
}
