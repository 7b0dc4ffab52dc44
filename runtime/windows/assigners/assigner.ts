import type { TimeWindow } from "../../graph/functions.ts";
import type { WindowAssigner } from "../../graph/window-assigner.ts";
import type { KeyValue } from "../../graph/key-value.ts";
import { calendarWindows } from "./calendar-windows.ts";
import { cumulativeWindows } from "./cumulative-windows.ts";
import { fixedWindows } from "./fixed-windows.ts";
import { globalWindows } from "./global-windows.ts";
import { gapOf, sessionWindows } from "./session-windows.ts";
import { staggeredWindows } from "./staggered-windows.ts";

/** A window that an element belongs to. */
export interface AssignedWindow extends TimeWindow {
  /** Its name in state, where it is known already (graph/window-name.ts). */
  readonly name?: string;
}

/** Which windows an element belongs to. It knows neither when they fire nor what they keep. */
export interface Assigner {
  /** The windows of an element of a key, those that end last first. */
  windowsAt(timestampMs: number, value: unknown, key: KeyValue): readonly AssignedWindow[];
  /** An element may belong to more than one window. */
  readonly overlap: boolean;
  /** Windows of one key that overlap or touch become one. */
  readonly merge: boolean;
}

export function assignerOf(operator: string, assigner: WindowAssigner): Assigner {
  switch (assigner.kind) {
    case "session":
      return sessionWindows(() => assigner.gapMs);
    case "dynamic-session":
      return sessionWindows(gapOf(operator, assigner.gap));
    case "calendar":
      return calendarWindows(assigner, operator);
    case "cumulative":
      return cumulativeWindows(assigner);
    case "global":
      return globalWindows();
    case "tumbling":
      return assigner.stagger === undefined ? fixedWindows(assigner) : staggeredWindows(assigner);
    case "sliding":
      return fixedWindows(assigner);
  }
}
