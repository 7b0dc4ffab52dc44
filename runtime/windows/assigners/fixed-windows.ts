import type { WindowAssigner } from "../../graph/window-assigner.ts";
import { windowName } from "../../graph/window-name.ts";
import type { Assigner, AssignedWindow } from "./assigner.ts";

/** Windows are remembered, so that elements share them and their names; beyond so many they are forgotten. */
const rememberedMax = 10_000;

/** Windows of one size that begin every `slideMs`; tumbling windows slide by their size. */
export function fixedWindows(
  assigner: Extract<WindowAssigner, { readonly kind: "tumbling" | "sliding" }>,
): Assigner {
  const { sizeMs, offsetMs } = assigner;
  const slideMs = assigner.kind === "sliding" ? assigner.slideMs : sizeMs;
  const remembered = new Map<number, readonly AssignedWindow[]>();
  let last: readonly AssignedWindow[] = [];
  let lastStartMs = Number.NaN;

  /** The window that begins at `startMs`, and the earlier ones that last beyond its start. */
  function windowsUpTo(startMs: number): readonly AssignedWindow[] {
    const known = remembered.get(startMs);
    if (known !== undefined) return known;
    const windows: AssignedWindow[] = [];
    for (let earlierMs = startMs; earlierMs > startMs - sizeMs; earlierMs -= slideMs) {
      const window = { startMs: earlierMs, endMs: earlierMs + sizeMs };
      windows.push({ ...window, name: windowName(window) });
    }
    if (remembered.size * windows.length >= rememberedMax) remembered.clear();
    remembered.set(startMs, windows);
    return windows;
  }

  return {
    overlap: slideMs < sizeMs,
    merge: false,
    windowsAt(timestampMs) {
      const startMs = lastWindowStart(timestampMs, { slideMs, offsetMs });
      if (startMs !== lastStartMs) {
        last = windowsUpTo(startMs);
        lastStartMs = startMs;
      }
      // The earliest may end before the element, where the size is no multiple of the slide.
      const earliest = last[last.length - 1] as AssignedWindow;
      return earliest.endMs > timestampMs ? last : last.slice(0, -1);
    },
  };
}

/**
 * Start of the last window that begins at or before the timestamp; right for negative timestamps as well
 * (Flink: TimeWindow.getWindowStartWithOffset).
 */
export function lastWindowStart(
  timestampMs: number,
  { slideMs, offsetMs }: { readonly slideMs: number; readonly offsetMs: number },
): number {
  const remainder = (timestampMs - offsetMs) % slideMs;
  return timestampMs - (remainder < 0 ? remainder + slideMs : remainder);
}
