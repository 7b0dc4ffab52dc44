import type { CellName } from "../state/keyed-state.ts";
import type { KeyedRuntime } from "../operators/contract.ts";
import { eventsName, nodesName } from "../plan/state-names.ts";
import { notBegun } from "./run.ts";

/** An element that some match has taken. */
export interface KeptEvent {
  readonly value: unknown;
  /** How many nodes hold it. */
  refs: number;
}

/** That a stage took an element, behind another node. What matches have in common at their beginning is there once. */
export interface KeptNode {
  readonly stage: string;
  readonly event: number;
  readonly previous: number;
  /** How many nodes and runs stand on it. */
  refs: number;
}

/** An element under its number. */
export interface Taken {
  readonly stage: string;
  readonly event: number;
  readonly value: unknown;
}

export interface SharedBuffer {
  /** Keeps an element that a stage takes; nobody stands on the node yet. */
  put(node: number, taken: Taken, previous: number): void;
  hold(node: number): void;
  /** Takes away what nobody stands on any more. */
  release(node: number): void;
  /** From the first to the last of a match. */
  elementsOf(node: number): readonly Taken[];
  clear(): void;
}

/** What a buffer keeps its parts in, by their numbers. */
export interface Parts<Part> {
  get(id: number): Part | undefined;
  set(id: number, part: Part): void;
  delete(id: number): void;
  clear(): void;
}

/** The elements of all matches of the key in hand: each is kept once, and goes with the last match that has it. */
export function sharedBuffer(runtime: KeyedRuntime, uid: string): SharedBuffer {
  return bufferIn(
    uid,
    partsOfKey<KeptEvent>(runtime, { uid, name: eventsName }),
    partsOfKey<KeptNode>(runtime, { uid, name: nodesName }),
  );
}

/** A shared buffer over what keeps its parts. */
export function bufferIn(
  uid: string,
  events: Parts<KeptEvent>,
  nodes: Parts<KeptNode>,
): SharedBuffer {
  const found = <Part>(parts: Parts<Part>, id: number): Part => {
    const part = parts.get(id);
    if (part === undefined) throw new Error(`A match of "${uid}" misses a part: ${id}.`);
    return part;
  };

  function hold(node: number): void {
    if (node !== notBegun) found(nodes, node).refs += 1;
  }

  return {
    hold,
    put(node, { stage, event, value }, previous) {
      const kept = events.get(event);
      if (kept === undefined) events.set(event, { value, refs: 1 });
      else kept.refs += 1;
      nodes.set(node, { stage, event, previous, refs: 0 });
      hold(previous);
    },
    release(from) {
      for (let node = from; node !== notBegun;) {
        const kept = found(nodes, node);
        if (--kept.refs > 0) return;
        nodes.delete(node);
        if (--found(events, kept.event).refs <= 0) events.delete(kept.event);
        node = kept.previous;
      }
    },
    elementsOf(last) {
      const taken: Taken[] = [];
      for (let node = last; node !== notBegun;) {
        const { stage, event, previous } = found(nodes, node);
        taken.push({ stage, event, value: found(events, event).value });
        node = previous;
      }
      return taken.reverse();
    },
    clear() {
      events.clear();
      nodes.clear();
    },
  };
}

/** Those of the key in hand, each an entry of its state. */
function partsOfKey<Part>(runtime: KeyedRuntime, name: CellName): Parts<Part> {
  const { state } = runtime;
  const cell = state.declareMap<number, Part>(name);
  return {
    get: (id) => state.findMapEntry(runtime.current, cell, id)?.value,
    set: (id, part) => void (state.mapEntry(runtime.current, cell, id).value = part),
    delete: (id) => state.findMapEntry(runtime.current, cell, id)?.remove(),
    clear: () => state.mapEntries(runtime.current, cell).forEach((entry) => entry.remove()),
  };
}
