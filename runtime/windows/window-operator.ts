import type { Change } from "../graph/change.ts";
import type { WindowNode } from "../graph/node.ts";
import { type KeyedOperator, type OperatorParts, passOnOfWindow } from "../operators/contract.ts";
import { windowsName } from "../plan/operator-states.ts";
import { type FixedAssigner, fixedWindows, lastWindowStart } from "./assign-windows.ts";
import { latenessOf } from "./lateness.ts";
import { operatorName, windowContents } from "./window-contents.ts";
import { type KeptWindow, windowFiring } from "./window-firing.ts";

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
  const lateness = latenessOf(node, parts);
  const contents = windowContents(node, parts);
  const firing = windowFiring({ runtime, contents, lateness });
  const cell = state.declare(operatorName(node), windowsName, {
    kind: "map",
    onLoad: (entry) => firing.arm(entry, (entry.mapKey as number) + sizeMs - 1),
  });

  function addTo(startMs: number, value: unknown, change: Change): void {
    const entry = state.mapEntry(runtime.current, cell, startMs);
    const endMs = startMs + sizeMs;
    let kept: KeptWindow;
    if (entry.exists) {
      kept = entry.value as KeptWindow;
      kept.accumulator = contents.add(kept.accumulator, value, change);
    } else {
      kept = { accumulator: contents.first(startMs, value, change), fired: false };
      entry.value = kept;
      firing.arm(entry, firing.nextMs(endMs));
    }
    firing.settleAdded(entry, { startMs, endMs });
  }

  return {
    push(value, timestampMs, change) {
      const before = timestampMs - sizeMs;
      let isSkipped = true;
      for (let start = lastWindowStart(timestampMs, windows); start > before; start -= slideMs) {
        // Earlier windows end earlier: where one is late, all that are left are.
        if (lateness.cleanupMs(start + sizeMs) <= runtime.lateBehindMs) break;
        isSkipped = false;
        try {
          addTo(start, value, change);
        } catch (thrown) {
          passOnOfWindow(thrown, { startMs: start, endMs: start + sizeMs });
        }
      }
      if (isSkipped) lateness.skipped(value, timestampMs, change);
    },
    onTimer(timer) {
      const entry = state.findMapEntry(timer.record, timer.cell, timer.mapKey);
      if (entry !== undefined)
        firing.settle(entry, (timer.mapKey as number) + sizeMs, timer.timeMs);
    },
    passOver(timer) {
      const entry = state.findMapEntry(timer.record, timer.cell, timer.mapKey);
      if (entry !== undefined) firing.passOver(entry, (timer.mapKey as number) + sizeMs);
    },
  };
}
