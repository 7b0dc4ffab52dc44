import type { TimeWindow } from "../graph/functions.ts";
import type { KeyedRuntime } from "../operators/contract.ts";
import type { KeyRecord } from "../state/key-record.ts";
import type { MapCell } from "../state/keyed-state.ts";
import { isSameWindow, type KeptWindow, type WindowEntry, windowOf } from "./kept-window.ts";

/** A window that is there, and what it is now. */
export interface MetWindow {
  readonly entry: WindowEntry;
  readonly window: TimeWindow;
}

/** So few windows of a key are looked through: to keep their order would cost more. */
const lookedThroughMax = 8;

/** Windows of a key by their times. */
interface Order {
  readonly windows: MetWindow[];
  /** With more than this most of them are gone, and it is made anew. */
  readonly lengthMax: number;
}

/**
 * The windows of the key in hand by their times: no two of them overlap or touch. Of a key with many their order is kept in memory, so that
 * an element doesn't look at all of them. Some that are gone may stand in it, as long as nothing comes near them.
 */
export function openSessions(runtime: KeyedRuntime, cell: MapCell<string, KeptWindow>) {
  const { state } = runtime;
  let orders = new WeakMap<KeyRecord, Order>();
  let resets = state.resets;

  /** Those of a few that a window overlaps or touches. */
  function lookThrough(entries: readonly WindowEntry[], own: TimeWindow): readonly MetWindow[] {
    const met: MetWindow[] = [];
    for (const entry of entries) {
      const kept = entry.value;
      if (kept.endMs !== undefined && kept.endMs < own.startMs) continue;
      const window = windowOf(entry);
      if (window.startMs <= own.endMs && window.endMs >= own.startMs) met.push({ entry, window });
    }
    return met.length > 1 ? met.sort(byStart) : met;
  }

  function orderOfCurrent(): Order | undefined {
    if (resets !== state.resets) {
      // What stands in memory is another one now.
      orders = new WeakMap();
      resets = state.resets;
    }
    return orders.get(runtime.current);
  }

  /** Where those stand in an order that a window overlaps or touches: from the first one up to the one behind the last. */
  function placesOf(order: readonly MetWindow[], { startMs, endMs }: TimeWindow): [number, number] {
    let [first, high] = [0, order.length];
    while (first < high) {
      const middle = (first + high) >>> 1;
      if ((order[middle] as MetWindow).window.endMs < startMs) first = middle + 1;
      else high = middle;
    }
    let end = first;
    while (end < order.length && (order[end] as MetWindow).window.startMs <= endMs) end += 1;
    return [first, end];
  }

  /** As the state has it, which then looks at the entry when the step ends; undefined where it is gone. */
  function standing({ entry, window }: MetWindow): MetWindow | undefined {
    const found = state.findMapEntry(runtime.current, cell, entry.mapKey);
    return found === entry && isSameWindow(windowOf(found), window) ? { entry, window } : undefined;
  }

  return {
    /** The windows that another one overlaps or touches, the earliest first (Flink: TimeWindow.intersects). */
    meeting(own: TimeWindow): readonly MetWindow[] {
      let order = orderOfCurrent();
      if (order === undefined) {
        const entries = state.mapEntries(runtime.current, cell);
        if (entries.length <= lookedThroughMax) return lookThrough(entries, own);
        const windows = entries.map((entry) => ({ entry, window: windowOf(entry) })).sort(byStart);
        order = { windows, lengthMax: 2 * windows.length };
        orders.set(runtime.current, order);
      }
      const { windows } = order;
      const [first, end] = placesOf(windows, own);
      const near = windows.slice(first, end);
      const met = near.flatMap((each) => standing(each) ?? []);
      if (met.length < near.length) windows.splice(first, near.length, ...met);
      return met;
    },
    /** A window has begun, or those that it met have become it. */
    became(entry: WindowEntry, window: TimeWindow): void {
      const order = orderOfCurrent();
      if (order === undefined) return;
      const { windows, lengthMax } = order;
      const [first, end] = placesOf(windows, window);
      windows.splice(first, end - first, { entry, window });
      // A key that always has one open would keep all that it ever had.
      if (windows.length > lengthMax) orders.delete(runtime.current);
    },
  };
}

function byStart(left: MetWindow, right: MetWindow): number {
  return left.window.startMs - right.window.startMs;
}
