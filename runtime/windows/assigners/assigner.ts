import type { TimeWindow } from "../../graph/functions.ts";
import type { WindowAssigner } from "../../graph/window-assigner.ts";
import { cumulativeWindows } from "./cumulative-windows.ts";
import { fixedWindows } from "./fixed-windows.ts";
import { globalWindows } from "./global-windows.ts";
import { sessionWindows } from "./session-windows.ts";

/** A window that an element belongs to. */
export interface AssignedWindow extends TimeWindow {
  /** Its name in state, where it is known already (graph/window-name.ts). */
  readonly name?: string;
}

/** Which windows an element belongs to. It knows neither when they fire nor what they keep. */
export interface Assigner {
  /** The windows of an element, those that end last first. */
  windowsAt(timestampMs: number): readonly AssignedWindow[];
  /** An element may belong to more than one window. */
  readonly overlap: boolean;
  /** Windows of one key that overlap or touch become one. */
  readonly merge: boolean;
}

export function assignerOf(assigner: WindowAssigner): Assigner {
  switch (assigner.kind) {
    case "session":
      return sessionWindows(assigner);
    case "cumulative":
      return cumulativeWindows(assigner);
    case "global":
      return globalWindows();
    case "tumbling":
    case "sliding":
      return fixedWindows(assigner);
  }
}
