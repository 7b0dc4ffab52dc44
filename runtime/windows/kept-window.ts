import type { TimeWindow } from "../graph/functions.ts";
import { windowOfName } from "../graph/window-name.ts";
import type { MapEntry } from "../state/keyed-state.ts";
import type { TriggerNotes } from "./triggers/trigger.ts";

/** What is kept of a window, under the name of the window that it began as. */
export interface KeptWindow extends TriggerNotes {
  accumulator: unknown;
  /** Whether it has given a result that stands. */
  fired: boolean;
  /** Its ends; only where windows merge, and it may have become another than it began as. */
  startMs?: number;
  endMs?: number;
  /** The results that stand; only where somebody behind takes them back (mode "retract"). */
  last?: readonly unknown[];
  /**
   * It took an element since it fired, without firing again: it fires before its end as well, or slots have merged. The watermark is
   * that of the slower one then, and may be below windows that the other has fired.
   */
  pending?: true;
  /** Its last result failed for good and is a dead letter: it lives on, and gives one again with its next element. */
  failed?: true;
  /** It has forgotten its elements, and has got none since: there is no accumulator. */
  purged?: true;
  /** What its trigger keeps, where that is made of functions. */
  trigger?: unknown;
  /** How many elements it holds; only where some may be withdrawn. */
  count?: number;
}

export function isSameWindow(one: TimeWindow, other: TimeWindow): boolean {
  return one.startMs === other.startMs && one.endMs === other.endMs;
}

export type WindowEntry = MapEntry<string, KeptWindow>;

/** The window that an entry is now. A session that was kept under its start has no other. */
export function windowOf({ mapKey, value }: Pick<WindowEntry, "mapKey" | "value">): TimeWindow {
  const { startMs, endMs } = value;
  if (startMs !== undefined && endMs !== undefined) return { startMs, endMs };
  const began = windowOfName(mapKey);
  return { startMs: began.startMs, endMs: endMs ?? began.endMs };
}
