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

  /** Those that hold from a time from `from` to `to`, both inclusive. */
  const within = (from: number, to: number) =>
    state.orderedMapEntries(runtime.current, cell, { from, to });

  return {
    owns: (timer: DueTimer): boolean => (timer.cell as number) === cell,
    /** The version that holds at a time. */
    at: (timestampMs: number): MapEntry<number, KeptVersion> | undefined =>
      within(Number.NEGATIVE_INFINITY, timestampMs).at(-1),
    /** Whether another one holds since, which the watermark has passed: elements that it would be for have gone by. */
    isSuperseded: (timestampMs: number): boolean =>
      within(timestampMs + 1, runtime.lateBehindMs).length > 0,
    /** Of several for one time the last one holds. */
    put(timestampMs: number, version: KeptVersion): void {
      const entry = state.mapEntry(runtime.current, cell, timestampMs);
      entry.value = version;
      arm(entry);
    },
    /** The watermark has reached the time of a version: those before it are not asked for any more. */
    passed({ entry }: DueTimer): void {
      const fromMs = entry.mapKey as number;
      for (const older of within(Number.NEGATIVE_INFINITY, fromMs - 1)) older.remove();
    },
  };
}
