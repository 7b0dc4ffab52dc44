import type { WindowComputation } from "../graph/node.ts";
import { synchronousResults } from "../graph/synchronous.ts";
import { failIn, type OperatorParts } from "../operators/contract.ts";
import { elementsName } from "../plan/operator-states.ts";
import type { WindowContents } from "./window-contents.ts";

type ProcessComputation = Extract<WindowComputation, { readonly kind: "process" }>;

/**
 * Pairs of a list's name and its length. A list is named by the start of the window that began it; a merge joins the
 * pairs and moves no element. No two live windows share a name: a session covers the names of its lists.
 */
type Lists = number[];

/** Windows that keep their elements, one entry each, so that an append writes one element and a count. */
export function processContents(
  operator: string,
  { process }: ProcessComputation,
  { runtime, output }: OperatorParts,
): WindowContents {
  const { state } = runtime;
  const cell = state.declare(operator, elementsName, { kind: "map" });

  function elementsOf(lists: Lists): unknown[] {
    const elements: unknown[] = [];
    for (let at = 0; at < lists.length; at += 2) {
      for (let index = 0; index < (lists[at + 1] as number); index++)
        elements.push(
          state.findMapEntry(runtime.current, cell, `${lists[at] as number}/${index}`)?.value,
        );
    }
    return elements;
  }

  return {
    first(startMs, value) {
      state.mapEntry(runtime.current, cell, `${startMs}/0`).value = value;
      return [startMs, 1];
    },
    add(accumulator, value) {
      const lists = accumulator as Lists;
      const last = lists.length - 1;
      const count = lists[last] as number;
      state.mapEntry(runtime.current, cell, `${lists[last - 1] as number}/${count}`).value = value;
      lists[last] = count + 1;
      return lists;
    },
    merge: (left, right) => [...(left as Lists), ...(right as Lists)],
    emit(accumulator, context) {
      const elements = elementsOf(accumulator as Lists);
      let results: readonly unknown[] = [];
      try {
        results = synchronousResults(process(elements, context), "process");
      } catch (thrown) {
        failIn(operator, thrown);
      }
      for (const result of results) output.emit(result, context.window.endMs - 1, context.change);
    },
    clear(accumulator) {
      const lists = accumulator as Lists;
      for (let at = 0; at < lists.length; at += 2) {
        for (let index = 0; index < (lists[at + 1] as number); index++)
          state.findMapEntry(runtime.current, cell, `${lists[at] as number}/${index}`)?.remove();
      }
    },
  };
}
