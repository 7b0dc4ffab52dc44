import type { CheckpointEntry, Manifest } from "../runtime/savepoints/index.ts";
import { shortName } from "../runtime/savepoints/index.ts";
import type { Checkpoint, CheckpointDetail, CheckpointsView } from "./schemas/checkpoints.ts";

export function checkpointView(entry: CheckpointEntry): Checkpoint {
  const { job: _, manifest: _manifest, ageMs: _age, ...rest } = entry;
  return { name: shortName(entry), ...rest };
}

export function countsOf(entries: readonly CheckpointEntry[]): CheckpointsView["counts"] {
  const count = (fits: (entry: CheckpointEntry) => boolean): number => entries.filter(fits).length;
  return {
    open: count(({ status }) => status === "open"),
    complete: count(({ status }) => status === "complete"),
    expired: count(({ status }) => status === "expired"),
    savepoints: count(({ savepoint }) => savepoint !== undefined),
  };
}

/** Undefined where none is complete. */
export function summaryOf(entries: readonly CheckpointEntry[]): CheckpointsView["summary"] {
  const complete = entries.filter(({ status }) => status === "complete");
  if (complete.length === 0) return undefined;
  const over = (field: "durationMs" | "newBytes" | "totalBytes") =>
    distributionOf(complete.map((entry) => entry[field] ?? 0));
  return {
    durationMs: over("durationMs"),
    newBytes: over("newBytes"),
    totalBytes: over("totalBytes"),
  };
}

/** Percentiles by the nearest rank: each is a value that there was. */
function distributionOf(values: readonly number[]) {
  const ascending = values.toSorted((left, right) => left - right);
  const at = (share: number): number => ascending[Math.ceil(share * ascending.length) - 1] ?? 0;
  return {
    min: ascending[0] ?? 0,
    average: values.reduce((sum, value) => sum + value, 0) / values.length,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    max: ascending.at(-1) ?? 0,
  };
}

export const slotsOfManifest = ({ slots }: Manifest): CheckpointDetail["slots"] =>
  slots.map(({ watermarks, inFlight, segments, ...slot }) => ({
    slot: slot.slot,
    version: slot.version,
    records: slot.records,
    stateBytes: slot.stateBytes,
    keys: slot.keys,
    ...(slot.sequence !== undefined && { sequence: slot.sequence }),
    watermarksMs: { ...watermarks },
    inFlightBytes: inFlight?.bytes ?? 0,
    segments: segments.length,
  }));
