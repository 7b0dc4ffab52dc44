import type { WindowAssigner } from "../../graph/window-assigner.ts";
import { windowName } from "../../graph/window-name.ts";
import type { AssignedWindow, Assigner } from "./assigner.ts";
import { lastWindowStart } from "./fixed-windows.ts";

/** Windows that begin together and end a step after each other, up to the largest (Flink SQL: CUMULATE). */
export function cumulativeWindows({
  sizeMs,
  stepMs,
  offsetMs,
}: Extract<WindowAssigner, { readonly kind: "cumulative" }>): Assigner {
  let last: readonly AssignedWindow[] = [];
  let lastEndMs = Number.NaN;

  function windowsUntil(startMs: number, firstEndMs: number): readonly AssignedWindow[] {
    const windows: AssignedWindow[] = [];
    for (let endMs = startMs + sizeMs; endMs >= firstEndMs; endMs -= stepMs)
      windows.push({ startMs, endMs, name: windowName({ startMs, endMs }) });
    return windows;
  }

  return {
    overlap: stepMs < sizeMs,
    merge: false,
    windowsAt(timestampMs) {
      const startMs = lastWindowStart(timestampMs, { slideMs: sizeMs, offsetMs });
      const steps = Math.floor((timestampMs - startMs) / stepMs) + 1;
      const firstEndMs = startMs + steps * stepMs;
      if (firstEndMs !== lastEndMs) {
        last = windowsUntil(startMs, firstEndMs);
        lastEndMs = firstEndMs;
      }
      return last;
    },
  };
}
