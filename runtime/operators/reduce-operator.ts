import { jobError } from "../errors/millrace-error.ts";
import type { ReduceNode } from "../graph/node.ts";
import { synchronous } from "../graph/synchronous.ts";
import { reducedName } from "../plan/operator-states.ts";
import { copyValue } from "../windows/copy-value.ts";
import { failIn, type KeyedOperator, type OperatorParts } from "./contract.ts";

/**
 * A rolling reduce: emits the new value of its key for every element, with the element's timestamp; "insert" the first
 * time, then "replace". The value kept and the value emitted are never the same object.
 */
export function reduceOperator(node: ReduceNode, parts: OperatorParts): KeyedOperator {
  const { fn } = node;
  const { runtime, output } = parts;
  const operator = node.uid ?? node.name;
  const cell = runtime.state.declare(operator, reducedName, { kind: "value" });

  return {
    push(value, timestampMs, change) {
      if (change === "delete") throw takesNoDeletes(operator);
      const entry = runtime.state.valueEntry(runtime.current, cell);
      if (!entry.exists) {
        entry.value = copyValue(value);
        return output.emit(value, timestampMs, "insert");
      }
      let reduced: unknown;
      try {
        reduced = synchronous(fn(entry.value, value), "reduce");
      } catch (thrown) {
        failIn(operator, thrown);
      }
      const isElement = reduced === value;
      entry.value = isElement ? copyValue(reduced) : reduced;
      output.emit(isElement ? value : copyValue(reduced), timestampMs, "replace");
    },
    onTimer: () => undefined,
    passOver: () => undefined,
  };
}

function takesNoDeletes(operator: string): Error {
  return jobError("reduce-takes-no-deletes", {
    message: `Reduce "${operator}" can't take back an element that was withdrawn ("delete").`,
    next: 'Filter "delete" out before it, or keep the state in a process function, which sees the change.',
    uid: operator,
  });
}
