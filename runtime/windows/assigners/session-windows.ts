import type { WindowAssigner } from "../../graph/window-assigner.ts";
import type { Assigner } from "./assigner.ts";

/** Each element begins a window that ends a gap after it. What they merge to is a session (Flink: EventTimeSessionWindows). */
export function sessionWindows({
  gapMs,
}: Extract<WindowAssigner, { readonly kind: "session" }>): Assigner {
  return {
    overlap: false,
    merge: true,
    windowsAt: (startMs) => [{ startMs, endMs: startMs + gapMs }],
  };
}
