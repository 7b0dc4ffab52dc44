import type { WindowNode } from "../graph/node.ts";
import type { OperatorParts, Push } from "../operators/contract.ts";

/** What becomes of windows and elements that the watermark has passed (Flink: WindowOperator). */
export interface Lateness {
  /** When a window's state goes: its last timestamp plus the allowed lateness; never, where that is no safe integer. */
  cleanupMs(endMs: number): number;
  /** Takes an element that no window took: late ones go to the side output, or are dropped. */
  readonly skipped: Push;
}

/** The rules of a window node. */
export function latenessOf(node: WindowNode, parts: OperatorParts): Lateness {
  const { allowedLatenessMs, lateTag } = node;
  const { runtime, metrics } = parts;
  const side = lateTag === undefined ? undefined : parts.output.side(lateTag);
  return {
    cleanupMs(endMs) {
      const cleanupMs = endMs - 1 + allowedLatenessMs;
      return cleanupMs > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : cleanupMs;
    },
    skipped(value, timestampMs, change, before) {
      // Flink's isElementLate: between sliding windows an element belongs to none without being late.
      if (timestampMs + allowedLatenessMs > runtime.lateBehindMs) return;
      metrics.late += 1;
      side?.(value, timestampMs, change, before);
    },
  };
}
