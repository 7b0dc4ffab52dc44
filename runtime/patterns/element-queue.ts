import { queueName } from "../plan/state-names.ts";
import type { DueTimer } from "../state/timer-queue.ts";
import type { MapEntry } from "../state/keyed-state.ts";
import type { KeyedRuntime } from "../operators/contract.ts";

/** What came with one time, in order of arrival. */
interface Queued {
  readonly values: unknown[];
}

/** Elements wait until the watermark has reached their time: then those before them are all there. */
export function elementQueue(runtime: KeyedRuntime, uid: string) {
  const { state } = runtime;
  const cell = state.declareMap<number, Queued>({ uid, name: queueName }, { onLoad: arm });

  function arm(entry: MapEntry<number, Queued>): void {
    runtime.eventTimers.arm(entry, entry.mapKey);
  }

  return {
    owns: (timer: DueTimer): boolean => (timer.cell as number) === cell,
    add(timestampMs: number, value: unknown): void {
      const entry = state.mapEntry(runtime.current, cell, timestampMs);
      if (!entry.exists) {
        entry.value = { values: [] };
        arm(entry);
      }
      entry.value.values.push(value);
    },
    /** Takes out what a timer stands for. */
    take({ record, entry }: DueTimer): readonly unknown[] {
      // Found in the state, it is looked at when the step ends.
      const found = state.findMapEntry(record, cell, entry.mapKey as number);
      const values = found?.value.values ?? [];
      found?.remove();
      return values;
    },
  };
}
