import type { ReduceNode } from "../graph/node.ts";
import { synchronous } from "../graph/synchronous.ts";
import { reducedCountName, reducedName } from "../plan/state-names.ts";
import { copyInPassing, copyValue } from "../serde/copy-value.ts";
import { type KeptValue, keptValues } from "./kept-value.ts";
import { failIn, type KeyedOperator, type OperatorParts } from "./contract.ts";

/**
 * A rolling reduce: emits the new value of its key for every element, with the element's timestamp; "insert" the first
 * time, then "replace". What is kept is the operator's own, whatever the function answers. Where elements can be withdrawn it counts
 * them: a key of which nothing is left has no value any more.
 */
export function reduceOperator(node: ReduceNode, parts: OperatorParts): KeyedOperator {
  const { runtime, output, gives } = parts;
  const operator = node.uid ?? node.name;
  const about = `State "${operator}/${reducedName}"`;
  const declare = keptValues(node.ttl, runtime);
  const cell = declare<unknown>({ uid: operator, name: reducedName });
  const countCell =
    node.retract === undefined
      ? undefined
      : declare<number>({ uid: operator, name: reducedCountName });

  /** What was changed in place is the operator's own; of anything else the function may have kept a part. */
  function apply(fn: ReduceNode["fn"], accumulated: unknown, value: unknown): unknown {
    try {
      const applied = synchronous<unknown>(fn(accumulated, value), "reduce");
      return applied === accumulated ? applied : copyValue(applied, about);
    } catch (thrown) {
      return failIn(operator, thrown);
    }
  }

  function checkFirst(value: unknown): void {
    try {
      node.check?.(value);
    } catch (thrown) {
      failIn(operator, thrown);
    }
  }

  function count(change: number): number {
    if (countCell === undefined) return 1;
    const entry = countCell();
    const counted = (entry.value ?? 0) + change;
    if (counted > 0) entry.value = counted;
    else entry.remove();
    return counted;
  }

  /** Takes a value out again; answers false where nothing is left. */
  function retract(entry: KeptValue<unknown>, value: unknown): boolean {
    if (!entry.exists || count(-1) <= 0) {
      entry.remove();
      return false;
    }
    entry.value = apply(node.retract as ReduceNode["fn"], entry.value, value);
    return true;
  }

  function add(entry: KeptValue<unknown>, value: unknown): void {
    if (!entry.exists) checkFirst(value);
    count(1);
    entry.value = entry.exists ? apply(node.fn, entry.value, value) : value;
  }

  return {
    push(value, timestampMs, change, before) {
      const entry = cell();
      const existed = entry.exists;
      const emitted =
        gives === "retract" || change === "delete" ? copyInPassing(entry.value) : undefined;
      const withdrawn = change === "delete" ? value : before;
      const isLeft = change === "insert" || retract(entry, withdrawn);
      if (change !== "delete") add(entry, value);
      else if (!isLeft) {
        if (existed) output.emit(emitted, timestampMs, "delete");
        return;
      }
      const next = entry.value;
      if (existed)
        output.emit(next, timestampMs, "replace", gives === "retract" ? emitted : undefined);
      else output.emit(next, timestampMs, "insert");
    },
    onTimer: () => undefined,
    passOver: () => undefined,
  };
}
