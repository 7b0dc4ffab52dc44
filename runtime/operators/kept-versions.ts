import type { CellName, MapEntry } from "../state/keyed-state.ts";
import type { DueTimer } from "../state/timer-queue.ts";
import type { KeyedRuntime } from "./contract.ts";

/** What holds from a time on; without a value nothing does. */
export interface KeptVersion {
  value?: unknown;
}

/** Versions of what a key means, by the times from which they hold (Flink: TemporalRowTimeJoinOperator). */
export function keptVersions(runtime: KeyedRuntime, name: CellName) {
  const { state } = runtime;
  const cell = state.declareMap<number, KeptVersion>(name, { onLoad: arm });

  function arm(entry: MapEntry<number, KeptVersion>): void {
    runtime.eventTimers.arm(entry, entry.mapKey);
  }

  /** The last version up to a time, without a look at the others. */
  const last = (toMs: number): MapEntry<number, KeptVersion> | undefined => {
    const key = state.lastMapKey(runtime.current, cell, toMs);
    return key === undefined ? undefined : state.findMapEntry(runtime.current, cell, key);
  };

  return {
    owns: (timer: DueTimer): boolean => (timer.cell as number) === cell,
    /** The version that holds at a time. */
    at: last,
    /** Whether another one holds since, which the watermark has passed: elements that it would be for have gone by. */
    isSuperseded: (timestampMs: number): boolean =>
      (state.lastMapKey(runtime.current, cell, runtime.lateBehindMs) ?? timestampMs) > timestampMs,
    /** Of several for one time the last one holds. */
    put(timestampMs: number, version: KeptVersion): void {
      const entry = state.mapEntry(runtime.current, cell, timestampMs);
      entry.value = version;
      arm(entry);
    },
    /** The watermark has reached the time of a version: the one before it is not asked for any more. What was before that one went when this one was reached. */
    passed({ entry }: DueTimer): void {
      last((entry.mapKey as number) - 1)?.remove();
    },
  };
}
