import type { CellName, KeyedState, MapCell, MapEntry } from "../state/keyed-state.ts";
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

/** The elements of all matches of the key in hand: each is kept once, and goes with the last match that has it. */
export function sharedBuffer(runtime: KeyedRuntime, uid: string): SharedBuffer {
  const { state } = runtime;
  const events = declare<KeptEvent>(state, { uid, name: eventsName });
  const nodes = declare<KeptNode>(state, { uid, name: nodesName });
  const found = <V>(cell: MapCell<number, V>, id: number): MapEntry<number, V> => {
    const entry = state.findMapEntry(runtime.current, cell, id);
    if (entry === undefined) throw new Error(`A match of "${uid}" misses a part: ${id}.`);
    return entry;
  };

  function hold(node: number): void {
    if (node !== notBegun) found(nodes, node).value.refs += 1;
  }

  return {
    hold,
    put(node, { stage, event, value }, previous) {
      const kept = state.mapEntry(runtime.current, events, event);
      if (kept.exists) kept.value.refs += 1;
      else kept.value = { value, refs: 1 };
      state.mapEntry(runtime.current, nodes, node).value = { stage, event, previous, refs: 0 };
      hold(previous);
    },
    release(from) {
      for (let node = from; node !== notBegun;) {
        const entry = found(nodes, node);
        const kept = entry.value;
        if (--kept.refs > 0) return;
        entry.remove();
        const event = found(events, kept.event);
        if (--event.value.refs <= 0) event.remove();
        node = kept.previous;
      }
    },
    elementsOf(last) {
      const taken: Taken[] = [];
      for (let node = last; node !== notBegun;) {
        const { stage, event, previous } = found(nodes, node).value;
        taken.push({ stage, event, value: found(events, event).value.value });
        node = previous;
      }
      return taken.reverse();
    },
    clear() {
      for (const entry of state.mapEntries(runtime.current, events)) entry.remove();
      for (const entry of state.mapEntries(runtime.current, nodes)) entry.remove();
    },
  };
}

const declare = <V>(state: KeyedState, cell: CellName): MapCell<number, V> =>
  state.declareMap<number, V>(cell);
