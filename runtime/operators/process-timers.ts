import type { TimerHandle, TimerService } from "../graph/functions.ts";
import { timersName } from "../plan/state-names.ts";
import type { DueTimer, TimerQueue } from "../state/timer-queue.ts";
import type { StateEntry } from "../state/state-entry.ts";
import type { KeyedRuntime } from "./contract.ts";

interface NamedTimers {
  readonly service: TimerService<string>;
  /** The name of a timer that is due; its setting is taken away. */
  take(timer: DueTimer): string;
}

const eventPrefix = "event:";
const processingPrefix = "processing:";

/** Whether a timer, by the key of its setting, is one of event time. */
export function isEventTimer(mapKey: string): boolean {
  return mapKey.startsWith(eventPrefix);
}

/**
 * The timers of a process function: one setting for each key and name, kept in the state "timers" under
 * "event:name" or "processing:name" with the time as its value. For each setting a timer of its time is armed.
 */
export function namedTimers(
  uid: string,
  runtime: KeyedRuntime,
  hasHandler: (name: string) => boolean,
): NamedTimers {
  const { state } = runtime;
  const cell = state.declare(uid, timersName, { kind: "map", onLoad: arm });
  const handles = new Map<string, TimerHandle>();

  function queueOf(mapKey: string): TimerQueue {
    return isEventTimer(mapKey) ? runtime.eventTimers : runtime.processingTimers;
  }

  function arm(entry: StateEntry): void {
    queueOf(entry.mapKey as string).arm(entry, entry.value as number);
  }

  function handleOf(prefix: string, name: string): TimerHandle {
    const mapKey = prefix + name;
    let handle = handles.get(mapKey);
    if (handle === undefined) {
      if (!hasHandler(name))
        throw new RangeError(
          `Timer "${name}" of "${uid}" has no function in onTimer to call when it fires.`,
        );
      handles.set(mapKey, (handle = makeHandle(mapKey)));
    }
    return handle;
  }

  function makeHandle(mapKey: string): TimerHandle {
    return {
      set(timeMs) {
        // Behind the safe integers a window that is handed the timer's time would not know its neighbours any more.
        if (!(Math.abs(timeMs) <= Number.MAX_SAFE_INTEGER))
          throw new RangeError(
            `Timer "${mapKey}" of "${uid}" can't be set to ${timeMs}: a time is in milliseconds since 1970.`,
          );
        // protocol 4.8: behind the end of its input a stage waits for no new ones.
        if (runtime.isOver && !isEventTimer(mapKey)) return;
        const entry = state.mapEntry(runtime.current, cell, mapKey);
        if (entry.exists && entry.value === timeMs) return;
        entry.value = timeMs;
        arm(entry);
      },
      clear: () => state.findMapEntry(runtime.current, cell, mapKey)?.remove(),
      get timeMs() {
        return state.findMapEntry(runtime.current, cell, mapKey)?.value as number | undefined;
      },
    };
  }

  return {
    service: {
      event: (name) => handleOf(eventPrefix, name),
      processing: (name) => handleOf(processingPrefix, name),
    },
    take({ record, mapKey }) {
      state.findMapEntry(record, cell, mapKey)?.remove();
      return (mapKey as string).slice((mapKey as string).indexOf(":") + 1);
    },
  };
}
