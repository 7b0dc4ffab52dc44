import type { TimerHandle, TimerService } from "../graph/functions.ts";
import { timersName } from "../plan/state-names.ts";
import type { DueTimer, TimerQueue } from "../state/timer-queue.ts";
import type { MapEntry } from "../state/keyed-state.ts";
import {
  canNameTimer,
  type TimerName,
  timerKey,
  timerOfKey,
  timerText,
} from "../state/timer-name.ts";
import type { KeyedRuntime } from "./contract.ts";

const idMaxLength = 256;
const isEvent = (mapKey: string): boolean => mapKey.startsWith("event:");

interface NamedTimers {
  readonly service: TimerService<string>;
  /** Which timer is due; its setting is taken away. */
  take(timer: DueTimer): TimerName;
}

/**
 * The timers of a process function: one setting for each key, name and id, kept in the state "timers" with the time as its value.
 * For each setting a timer of its time is armed.
 */
export function namedTimers(
  uid: string,
  runtime: KeyedRuntime,
  hasHandler: (name: string) => boolean,
): NamedTimers {
  const { state } = runtime;
  const cell = state.declareMap<string, number>({ uid, name: timersName }, { onLoad: arm });
  const handles = new Map<string, TimerHandle>();

  function queueOf(mapKey: string): TimerQueue {
    return isEvent(mapKey) ? runtime.eventTimers : runtime.processingTimers;
  }

  function arm(entry: MapEntry<string, number>): void {
    queueOf(entry.mapKey).arm(entry, entry.value);
  }

  function handleOf(timer: TimerName): TimerHandle {
    const mapKey = timerKey(timer);
    const known = handles.get(mapKey);
    if (known !== undefined) return known;
    const { name, id } = timer;
    if (!hasHandler(name) || !canNameTimer(name))
      throw new RangeError(
        `Timer "${name}" of "${uid}" has no function in onTimer to call when it fires.`,
      );
    if (id !== undefined && (typeof id !== "string" || id.length > idMaxLength))
      throw new RangeError(
        `The id of timer "${name}" of "${uid}" must be a text of at most ${idMaxLength} characters.`,
      );
    const handle = makeHandle(mapKey);
    // Of ids there may be any number: only those without one are remembered.
    if (id === undefined) handles.set(mapKey, handle);
    return handle;
  }

  function makeHandle(mapKey: string): TimerHandle {
    return {
      set(given) {
        const timeMs = Math.ceil(checkedTime(given, mapKey));
        // protocol 4.8: behind the end of its input a stage waits for no new ones.
        if (runtime.isOver && !isEvent(mapKey)) return;
        const entry = state.mapEntry(runtime.current, cell, mapKey);
        if (entry.exists && entry.value === timeMs) return;
        entry.value = timeMs;
        arm(entry);
      },
      clear: () => state.findMapEntry(runtime.current, cell, mapKey)?.remove(),
      get timeMs() {
        return state.findMapEntry(runtime.current, cell, mapKey)?.value;
      },
    };
  }

  /** A text or a Date would be calculated with by whoever is handed the timer's time. */
  function checkedTime(given: unknown, mapKey: string): number {
    // Behind the safe integers a window would not know its neighbours any more.
    if (typeof given === "number" && Math.abs(given) <= Number.MAX_SAFE_INTEGER) return given;
    const what = typeof given === "number" ? String(given) : `a value of type ${typeof given}`;
    throw new RangeError(
      `Timer "${timerText(mapKey)}" of "${uid}" can't be set to ${what}: a time is a number of milliseconds since 1970.`,
    );
  }

  return {
    service: {
      event: (name, id) => handleOf({ domain: "event", name, id }),
      processing: (name, id) => handleOf({ domain: "processing", name, id }),
    },
    take(timer) {
      state.findMapEntry(timer.record, cell, timer.mapKey)?.remove();
      return timerOfKey(timer.mapKey);
    },
  };
}
