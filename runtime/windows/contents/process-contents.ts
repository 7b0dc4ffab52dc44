import type { WindowComputation } from "../../graph/node.ts";
import { synchronousResults } from "../../graph/synchronous.ts";
import { failIn, type KeyedRuntime } from "../../operators/contract.ts";
import { elementsName } from "../../plan/state-names.ts";
import { copyInPassing } from "../../serde/copy-value.ts";
import { packMessage } from "../../serde/msgpack.ts";
import { sameBytes } from "../../serde/same-bytes.ts";
import type { WindowContents } from "./window-contents.ts";

type ProcessComputation = Extract<WindowComputation, { readonly kind: "process" }>;

/**
 * Pairs of a list's name and its length. A list has the name of the window that began it, or its start from before it had a name; a
 * merge joins the pairs and moves no element. No two live windows share a name: a session covers those of its lists.
 */
type Lists = (string | number)[];

/** Windows that keep their elements, one entry each, so that an append writes one element and a count. */
export function processContents(
  operator: string,
  { process }: ProcessComputation,
  runtime: KeyedRuntime,
): WindowContents {
  const { state } = runtime;
  const cell = state.declareMap<string, unknown>({ uid: operator, name: elementsName });

  function elementsOf(lists: Lists): unknown[] {
    const elements: unknown[] = [];
    for (let at = 0; at < lists.length; at += 2) {
      for (let index = 0; index < Number(lists[at + 1]); index++)
        elements.push(state.findMapEntry(runtime.current, cell, `${lists[at]}/${index}`)?.value);
    }
    return elements;
  }

  return {
    first(name, value) {
      state.mapEntry(runtime.current, cell, `${name}/0`).value = value;
      return [name, 1];
    },
    add(accumulator, value) {
      const lists = accumulator as Lists;
      const last = lists.length - 1;
      const count = lists[last] as number;
      state.mapEntry(runtime.current, cell, `${lists[last - 1]}/${count}`).value = value;
      lists[last] = count + 1;
      return lists;
    },
    merge: (left, right) => [...(left as Lists), ...(right as Lists)],
    /** Fixed windows only, which have one list: the first element that is equal goes, and the later ones move up. */
    retract(accumulator, value) {
      const lists = accumulator as Lists;
      const [name, count] = lists as [string | number, number];
      const bytes = packMessage(value);
      const entryAt = (index: number) => state.mapEntry(runtime.current, cell, `${name}/${index}`);
      const isEqual = (index: number) => sameBytes(packMessage(entryAt(index).value), bytes);
      let at = 0;
      while (at < count && !isEqual(at)) at += 1;
      if (at === count) return lists;
      for (; at < count - 1; at++) entryAt(at).value = entryAt(at + 1).value;
      entryAt(at).remove();
      return [name, count - 1];
    },
    results(accumulator, context, livesOn) {
      const kept = elementsOf(accumulator as Lists);
      // The function may change what it is given, and the next result is made of what is kept.
      const elements = livesOn ? copyInPassing(kept) : kept;
      try {
        return synchronousResults(process(elements, context), "process");
      } catch (thrown) {
        failIn(operator, thrown);
      }
    },
    clear(accumulator) {
      const lists = accumulator as Lists;
      for (let at = 0; at < lists.length; at += 2) {
        for (let index = 0; index < Number(lists[at + 1]); index++)
          state.findMapEntry(runtime.current, cell, `${lists[at]}/${index}`)?.remove();
      }
    },
  };
}
