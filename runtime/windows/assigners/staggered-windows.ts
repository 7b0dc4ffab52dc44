import type { KeyValue } from "../../graph/key-value.ts";
import type { WindowAssigner } from "../../graph/window-assigner.ts";
import { keyBytes } from "../../serde/key-bytes.ts";
import { murmur3 } from "../../serde/murmur3.ts";
import type { Assigner } from "./assigner.ts";
import { lastWindowStart } from "./fixed-windows.ts";

/**
 * Tumbling windows that begin at another time for each key, so that not all results come at once. The time follows from the key: whoever serves
 * it finds the same windows. (Flink: WindowStagger.RANDOM, which draws one for each subtask.)
 */
export function staggeredWindows({
  sizeMs,
  offsetMs,
}: Extract<WindowAssigner, { readonly kind: "tumbling" }>): Assigner {
  return {
    overlap: false,
    merge: false,
    windowsAt(timestampMs, _, key) {
      const own = { slideMs: sizeMs, offsetMs: offsetMs + staggerMs(key, sizeMs) };
      const startMs = lastWindowStart(timestampMs, own);
      return [{ startMs, endMs: startMs + sizeMs }];
    },
  };
}

/** From 0 to the size, evenly over the keys. */
export function staggerMs(key: KeyValue, sizeMs: number): number {
  return Math.floor((murmur3(keyBytes(key)) / 0x1_0000_0000) * sizeMs);
}
