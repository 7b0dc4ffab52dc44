import { timeMaxMs } from "../../graph/event-time.ts";
import { windowName } from "../../graph/window-name.ts";
import type { Assigner } from "./assigner.ts";

/** One window for all of time: its trigger says when it gives results (Flink: GlobalWindows). */
export function globalWindows(): Assigner {
  const window = { startMs: -timeMaxMs, endMs: timeMaxMs };
  const windows = [{ ...window, name: windowName(window) }];
  return { overlap: false, merge: false, windowsAt: () => windows };
}
