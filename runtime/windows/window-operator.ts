import type { Change } from "../graph/change.ts";
import type { TimeWindow } from "../graph/functions.ts";
import type { WindowNode } from "../graph/node.ts";
import { type KeyedOperator, type OperatorParts, passOnOfWindow } from "../operators/contract.ts";
import { copyInPassing } from "../serde/copy-value.ts";
import { windowsName } from "../plan/state-names.ts";
import { type FixedAssigner, fixedWindows, lastWindowStart } from "./assign-windows.ts";
import { latenessOf } from "./lateness.ts";
import { operatorName, windowContents } from "./window-contents.ts";
import { type WindowEntry, windowFiring } from "./window-firing.ts";
import type { KeptWindow } from "./window-results.ts";

/**
 * Tumbling and sliding windows over event time, with the semantics of Flink's WindowOperator and EventTimeTrigger: a
 * window fires when the watermark reaches its last timestamp, then once for every late element, until the allowed
 * lateness is over. State: an entry per window, under its start.
 */
export function windowOperator(node: WindowNode, parts: OperatorParts): KeyedOperator {
  const { runtime } = parts;
  const { state } = runtime;
  const windows = fixedWindows(node.assigner as FixedAssigner);
  const { sizeMs, slideMs } = windows;
  // Windows that share an element must not share its parts: they may become part of what each keeps.
  const elementFor = slideMs < sizeMs ? copyInPassing : (value: unknown) => value;
  // A window from which elements are taken out has to know when none is left.
  const counts = parts.takes !== "append";
  const lateness = latenessOf(node, parts);
  const contents = windowContents(node, parts);
  const firing = windowFiring({ ...parts, contents, lateness });
  const cell = state.declareMap<number, KeptWindow>(
    { uid: operatorName(node), name: windowsName },
    { onLoad: (entry) => firing.arm(entry, entry.mapKey + sizeMs - 1) },
  );

  function addTo(startMs: number, value: unknown, change: Change, before: unknown): void {
    const entry = state.mapEntry(runtime.current, cell, startMs);
    const window = { startMs, endMs: startMs + sizeMs };
    if (!entry.exists) return begin(entry, window, value, change);
    const kept = entry.value;
    firing.remember(window, kept);
    if (counts && !takeOut(kept, { value, change, before })) return firing.empty(entry, window);
    if (change !== "delete") kept.accumulator = contents.add(kept.accumulator, value);
    firing.settleAdded(entry, window);
  }

  function begin(entry: WindowEntry, window: TimeWindow, value: unknown, change: Change): void {
    // What would be withdrawn never came, or was late.
    if (change === "delete") return;
    const accumulator = contents.first(window.startMs, value);
    const kept: KeptWindow = { accumulator, fired: false, ...(counts && { count: 1 }) };
    entry.value = kept;
    firing.arm(entry, firing.nextMs(window.endMs));
    firing.settleAdded(entry, window);
  }

  /** Takes out what an element withdraws or replaces; answers false where nothing is left then, nor comes. */
  function takeOut(kept: KeptWindow, { value, change, before }: Added): boolean {
    const count = kept.count ?? 1;
    kept.count = count + (change === "insert" ? 1 : change === "delete" ? -1 : 0);
    if (kept.count === 0) return false;
    if (change !== "insert")
      kept.accumulator = contents.retract(kept.accumulator, change === "delete" ? value : before);
    return true;
  }

  return {
    push(value, timestampMs, change, before) {
      const tooEarlyMs = timestampMs - sizeMs;
      let isSkipped = true;
      for (
        let start = lastWindowStart(timestampMs, windows);
        start > tooEarlyMs;
        start -= slideMs
      ) {
        // Earlier windows end earlier: where one is late, all that are left are.
        if (lateness.cleanupMs(start + sizeMs) <= runtime.lateBehindMs) break;
        isSkipped = false;
        try {
          addTo(start, elementFor(value), change, elementFor(before));
        } catch (thrown) {
          passOnOfWindow(thrown, { startMs: start, endMs: start + sizeMs });
        }
      }
      if (isSkipped) lateness.skipped(value, timestampMs, change, before);
    },
    onTimer(timer) {
      const entry = state.findMapEntry(timer.record, cell, timer.mapKey as number);
      if (entry !== undefined) firing.settle(entry, entry.mapKey + sizeMs, timer.timeMs);
    },
    passOver(timer) {
      const entry = state.findMapEntry(timer.record, cell, timer.mapKey as number);
      if (entry !== undefined) firing.passOver(entry, entry.mapKey + sizeMs);
    },
  };
}

interface Added {
  readonly value: unknown;
  readonly change: Change;
  readonly before: unknown;
}
