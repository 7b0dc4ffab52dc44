import { durationMs, type Duration } from "../../graph/duration.ts";
import { synchronous } from "../../graph/synchronous.ts";
import { failIn } from "../../operators/contract.ts";
import type { Assigner } from "./assigner.ts";

/** Each element begins a window that ends a gap after it. What they merge to is a session (Flink: EventTimeSessionWindows). */
export function sessionWindows(gapMs: (value: unknown) => number): Assigner {
  return {
    overlap: false,
    merge: true,
    windowsAt: (startMs, value) => [{ startMs, endMs: startMs + gapMs(value) }],
  };
}

/** The gap that a function gives an element (Flink: DynamicEventTimeSessionWindows). */
export function gapOf(
  operator: string,
  gap: (value: never) => Duration,
): (value: unknown) => number {
  return (value) => {
    try {
      const gapMs = durationMs(synchronous(gap(value as never), "gap"));
      if (gapMs > 0) return gapMs;
      throw new RangeError(`The gap of an element is ${gapMs} ms; it must be above 0.`);
    } catch (thrown) {
      return failIn(operator, thrown);
    }
  };
}
