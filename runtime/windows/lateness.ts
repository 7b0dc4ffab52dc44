import type { WindowNode } from "../graph/node.ts";
import { timeOfWindows } from "../graph/window-assigner.ts";
import { type OperatorParts, type Push, sideOf } from "../operators/contract.ts";

/** What becomes of windows and elements that time has passed (Flink: WindowOperator). */
export interface Lateness {
  /**
   * When a window's state goes: its last timestamp plus the allowed lateness; never, where that is no safe integer, or the window is that
   * of all time. Windows of processing time know no lateness.
   */
  cleanupMs(endMs: number): number;
  /** Whether an element comes too late for a window that ends then. */
  isLate(endMs: number): boolean;
  /** Takes an element that no window took: late ones go to the side output, or are dropped. */
  readonly skipped: Push;
}

/** The rules of a window node. */
export function latenessOf(node: WindowNode, parts: OperatorParts): Lateness {
  const { allowedLatenessMs, lateTag, assigner } = node;
  const { runtime, metrics } = parts;
  const side = sideOf(parts.output, lateTag);
  const time = timeOfWindows(assigner);
  if (time !== "event")
    return {
      cleanupMs: (endMs) => (time === "processing" ? endMs - 1 : Number.POSITIVE_INFINITY),
      isLate: () => false,
      skipped: () => undefined,
    };

  function cleanupMs(endMs: number): number {
    const overMs = endMs - 1 + allowedLatenessMs;
    return overMs > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : overMs;
  }

  return {
    cleanupMs,
    isLate: (endMs) => cleanupMs(endMs) <= runtime.lateBehindMs,
    skipped(value, timestampMs, change, before) {
      // Flink's isElementLate: between sliding windows an element belongs to none without being late.
      if (timestampMs + allowedLatenessMs > runtime.lateBehindMs) return;
      metrics.late += 1;
      side?.(value, timestampMs, change, before);
    },
  };
}
