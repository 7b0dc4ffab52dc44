import type { TimeWindow } from "../graph/functions.ts";
import type { WindowNode } from "../graph/node.ts";
import type { WindowAssigner } from "../graph/window-assigner.ts";
import { type KeyedOperator, type OperatorParts, passOnOfWindow } from "../operators/contract.ts";
import { requireMerge } from "./aggregate-contents.ts";
import { latenessOf } from "./lateness.ts";
import { type SessionEntry, sessionStore } from "./session-store.ts";
import { operatorName, windowContents } from "./window-contents.ts";
import { windowFiring } from "./window-firing.ts";

/**
 * Session windows over event time, with the semantics of Flink's WindowOperator and MergingWindowSet: sessions that
 * overlap or touch become one, and the lateness of the one decides. In addition results of sessions that a merge
 * swallowed are withdrawn with "delete". State: an entry per session, under its start.
 */
export function sessionOperator(node: WindowNode, parts: OperatorParts): KeyedOperator {
  requireMerge(operatorName(node), node.compute);
  const { runtime } = parts;
  const { gapMs } = node.assigner as Extract<WindowAssigner, { readonly kind: "session" }>;
  const lateness = latenessOf(node, parts);
  const contents = windowContents(node, parts);
  const firing = windowFiring({ ...parts, contents, lateness });
  const store = sessionStore(operatorName(node), {
    runtime,
    contents,
    // Its end is not known without decoding: a timer at the start is early, and arms the right one.
    onLoad: (entry) => firing.arm(entry, entry.mapKey),
  });

  function begin(startMs: number, value: unknown): void {
    const endMs = startMs + gapMs;
    const kept = { endMs, accumulator: contents.first(startMs, value), fired: false };
    const entry = store.put(startMs, kept);
    firing.arm(entry, firing.nextMs(endMs));
    firing.settleAdded(entry, { startMs, endMs });
  }

  /** Withdraws what a session gave, unless it stays the same window. Comes before any merge: that changes accumulators. */
  function withdraw(entry: SessionEntry, merged: TimeWindow): void {
    const startMs = entry.mapKey;
    const kept = entry.value;
    const stays = startMs === merged.startMs && kept.endMs === merged.endMs;
    if (kept.fired && !stays) firing.withdraw({ startMs, endMs: kept.endMs }, kept);
    else firing.remember(merged, kept);
  }

  function extend(sessions: readonly SessionEntry[], merged: TimeWindow, value: unknown): void {
    const [first] = sessions as [SessionEntry];
    // A session that hasn't fired waits for its end as it was: early enough.
    const waits = !first.value.fired;
    for (const entry of sessions) withdraw(entry, merged);
    const kept = store.merge(sessions);
    kept.accumulator = contents.add(kept.accumulator, value);
    kept.endMs = merged.endMs;
    let entry = first;
    if (first.mapKey !== merged.startMs) {
      first.remove();
      entry = store.put(merged.startMs, kept);
    }
    if (entry !== first || !waits) firing.arm(entry, firing.nextMs(merged.endMs));
    firing.settleAdded(entry, merged);
  }

  return {
    push(value, timestampMs, change) {
      const ownEndMs = timestampMs + gapMs;
      const sessions = store.at(timestampMs, ownEndMs);
      const firstMs = sessions[0]?.mapKey ?? timestampMs;
      const startMs = Math.min(timestampMs, firstMs);
      const lastEndMs = sessions.at(-1)?.value.endMs ?? ownEndMs;
      const endMs = Math.max(ownEndMs, lastEndMs);
      if (lateness.cleanupMs(endMs) <= runtime.lateBehindMs)
        return lateness.skipped(value, timestampMs, change);
      try {
        if (sessions.length === 0) begin(startMs, value);
        else extend(sessions, { startMs, endMs }, value);
      } catch (thrown) {
        passOnOfWindow(thrown, { startMs, endMs });
      }
    },
    onTimer(timer) {
      const entry = store.of(timer);
      if (entry !== undefined) firing.settle(entry, entry.value.endMs, timer.timeMs);
    },
    passOver(timer) {
      const entry = store.of(timer);
      if (entry !== undefined) firing.passOver(entry, entry.value.endMs);
    },
  };
}
