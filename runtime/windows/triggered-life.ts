import { momentOf } from "../graph/event-time.ts";
import type { TimeWindow } from "../graph/functions.ts";
import type { WindowNode } from "../graph/node.ts";
import { timeOfWindows } from "../graph/window-assigner.ts";
import { windowName } from "../graph/window-name.ts";
import type { TriggerDefinition, TriggerResult } from "../graph/window-trigger.ts";
import { UserCodeFailure } from "../operators/contract.ts";
import type { DueTimer } from "../state/timer-queue.ts";
import { isSameWindow, type WindowEntry, windowOf } from "./kept-window.ts";
import type { Lateness } from "./lateness.ts";
import type { MetWindow } from "./open-sessions.ts";
import { purgingWindows } from "./purging-windows.ts";
import { triggerInHand, type TriggerPlace, type WindowInHand } from "./trigger-in-hand.ts";
import type { LifeParts, WindowLife } from "./window-life.ts";
import { windowResults } from "./window-results.ts";
import { type WindowTimer, windowTimers } from "./window-timers.ts";

interface TriggeredParts extends LifeParts {
  readonly node: WindowNode;
  readonly operator: string;
  readonly trigger: TriggerDefinition<unknown, unknown>;
  readonly merge: boolean;
  /** The entry under a name, made where there is none. */
  readonly make: (name: string) => WindowEntry;
  /** Those of the windows that one overlaps or touches, where they merge. */
  readonly near: (window: TimeWindow) => readonly WindowEntry[];
}

/**
 * The life of a window whose trigger is made of functions, step by step that of Flink's WindowOperator: the trigger answers to each
 * element and timer whether the window gives its result and forgets its elements, and a timer of the window's own ends it.
 */
export function triggeredLife(parts: TriggeredParts): WindowLife {
  const { node, operator, runtime, merge } = parts;
  const time = timeOfWindows(node.assigner);
  const timers = windowTimers(operator, runtime);
  const trigger = triggerInHand({ operator, trigger: parts.trigger, runtime, timers });
  let resultMs = 0;
  const results = windowResults({ ...parts, ...(time === "none" && { timeOf: () => resultMs }) });
  const windows = purgingWindows({
    ...parts,
    results,
    accumulation: node.accumulation,
    forgets: node.accumulation === "discarding" || parts.trigger.purges === true,
  });
  const ending = (window: TimeWindow) => endingOf(window, time, parts.lateness);

  /** What the trigger answers to a timer. Where it fails itself for good there is a dead letter of what it throws. */
  function answer(
    now: WindowInHand,
    domain: WindowTimer["domain"],
    isPassedOver: boolean,
  ): TriggerResult {
    try {
      return trigger.onTimer(now, domain);
    } catch (thrown) {
      if (!isPassedOver || !UserCodeFailure.is(thrown)) throw thrown;
      return "continue";
    }
  }

  function timerFires(due: DueTimer, isPassedOver: boolean): void {
    const { domain, window, timeMs } = timers.take(due);
    const entry = entryOf(window, parts);
    // It was set for a window that has become part of another.
    if (merge && entry === undefined) return;
    const name = entry?.mapKey ?? windowName(window);
    resultMs = domain === "event" ? timeMs : momentOf(runtime.watermarkMs);
    const now = { window, timestampMs: timeMs, place: windows.placeOf(name) };
    const last = ending(window);
    const isOver = last?.domain === domain && last.timeMs === timeMs;
    windows.react(answer(now, domain, isPassedOver), window, entry?.value, isPassedOver);
    if (!isOver) return windows.trim(name);
    trigger.clear(now);
    windows.remove(entry);
  }

  return {
    ...results,
    merging: (met, merged, { timestampMs }) => {
      timers.leave();
      mergeTriggers({ trigger, timers, windows, ending }, { met, merged, timestampMs });
    },
    added(entry, window, { value, timestampMs }) {
      timers.leave();
      resultMs = timestampMs;
      const { mapKey } = entry;
      const now = { window, timestampMs, place: windows.placeOf(mapKey) };
      windows.react(trigger.onElement(now, value), window, entry.value);
      const last = ending(window);
      if (last !== undefined) timers.set(last);
      windows.trim(mapKey);
    },
    empty: () => {
      throw new Error(`Window "${operator}" was planned to take changes, but its trigger can't.`);
    },
    onTimer: (due) => timerFires(due, false),
    passOver: (due) => timerFires(due, true),
  };
}

interface Merging {
  readonly trigger: ReturnType<typeof triggerInHand>;
  readonly timers: ReturnType<typeof windowTimers>;
  readonly windows: ReturnType<typeof purgingWindows>;
  readonly ending: (window: TimeWindow) => WindowTimer | undefined;
}

interface Merged {
  readonly met: readonly MetWindow[];
  readonly merged: TimeWindow;
  readonly timestampMs: number;
}

/** What triggers keep of windows that become one, and their timers, become those of the one. */
function mergeTriggers(
  { trigger, timers, windows, ending }: Merging,
  { met, merged, timestampMs }: Merged,
): void {
  const [first] = met;
  if (first === undefined || (met.length === 1 && isSameWindow(first.window, merged))) return;
  const states = met.map(({ window, entry }) => ({ window, state: entry.value.trigger }));
  delete first.entry.value.trigger;
  const place = windows.placeOf(first.entry.mapKey);
  trigger.onMerge({ window: merged, timestampMs, place }, states);
  for (const { window, state } of states) {
    trigger.clear({ window, timestampMs, place: aside(state) });
    const last = ending(window);
    if (last !== undefined) timers.clear(last);
  }
}

/** The timer that ends a window, where one does. */
function endingOf(
  window: TimeWindow,
  time: ReturnType<typeof timeOfWindows>,
  { cleanupMs }: Lateness,
): WindowTimer | undefined {
  const timeMs = cleanupMs(window.endMs);
  if (timeMs === Number.POSITIVE_INFINITY) return undefined;
  return { domain: time === "processing" ? "processing" : "event", window, timeMs };
}

/** The entry of the window that a timer was set for; of one that has become part of another there is none. */
function entryOf(window: TimeWindow, { merge, find, near }: TriggeredParts) {
  if (!merge) return find(windowName(window));
  return near(window).find((entry) => isSameWindow(windowOf(entry), window));
}

/** What was kept of a window that is none any more: it can still be read. */
function aside(state: unknown): TriggerPlace {
  let kept = state;
  return { get: () => kept, set: (value) => void (kept = value) };
}
