import type { StageWatermark } from "../exchange/frame.ts";
import type { ControlRow, JsonValue, Ports } from "../ports/index.ts";
import type { HashRange } from "../serde/hash-space.ts";
import type { PartRef } from "./slot-image.ts";
import type { SlotCounters } from "./slot-meta.ts";

/**
 * What a slot shows to the coordinator, the CLI and the console: always of a version whose outputs are delivered
 * (docs/protocol.md 3.5).
 */
export interface SlotProgress {
  readonly slot: string;
  readonly stream: string;
  readonly shardId: string;
  readonly range: HashRange;
  readonly version: number;
  readonly epoch: number;
  readonly watermarks: Readonly<Record<string, StageWatermark>>;
  /** When the first processing-time timer is due; absent where there is none. */
  readonly nextTimerMs?: number;
  readonly part?: PartRef;
  readonly sealed: boolean;
  readonly ended: boolean;
  readonly counters: SlotCounters;
  readonly stateBytes: number;
  readonly keys: number;
  readonly tickClockMs: number;
  /** When the row was written, by the writer's clock. */
  readonly atMs: number;
}

export function progressPartition(job: string, generation: number): string {
  return `${job}#${generation}#progress`;
}

/** Two rows of one version differ in the part that they name: the later one ranks higher. */
export function progressRank(progress: Pick<SlotProgress, "version" | "part">): number {
  return (
    progress.version * 2 +
    (progress.part?.version === progress.version && progress.version > 0 ? 1 : 0)
  );
}

/** Writes a progress row, only ever forwards, and answers the row that stands then. */
export async function writeProgress(
  ports: Ports,
  place: { readonly job: string; readonly generation: number },
  progress: SlotProgress,
): Promise<SlotProgress> {
  const row: ControlRow = {
    partition: progressPartition(place.job, place.generation),
    sort: progress.slot,
    rank: progressRank(progress),
    value: toJson(progress),
  };
  const outcome = await ports.control.put(row, { kind: "forward" });
  if (outcome.written) return progress;
  const found = outcome.found ?? (await ports.control.get(row));
  return found === undefined ? progress : progressOfRow(found);
}

export async function readProgress(
  ports: Ports,
  place: { readonly job: string; readonly generation: number; readonly slot: string },
): Promise<SlotProgress | undefined> {
  const row = await ports.control.get({
    partition: progressPartition(place.job, place.generation),
    sort: place.slot,
  });
  return row === undefined ? undefined : progressOfRow(row);
}

export async function listProgress(
  ports: Ports,
  place: { readonly job: string; readonly generation: number },
): Promise<readonly SlotProgress[]> {
  const rows = await ports.control.list(progressPartition(place.job, place.generation));
  return rows.map(progressOfRow);
}

/** JSON has no infinities: watermarks are written as text where they are infinite. */
function toJson(progress: SlotProgress): JsonValue {
  const watermarks = Object.fromEntries(
    Object.entries(progress.watermarks).map(([stage, { ms, idle }]) => [
      stage,
      [Number.isFinite(ms) ? ms : ms > 0 ? "end" : "none", idle],
    ]),
  );
  return JSON.parse(JSON.stringify({ ...progress, watermarks })) as JsonValue;
}

function progressOfRow(row: ControlRow): SlotProgress {
  const value = row.value as unknown as Omit<SlotProgress, "watermarks"> & {
    readonly watermarks: Readonly<Record<string, readonly [number | "none" | "end", boolean]>>;
  };
  const watermarks = Object.fromEntries(
    Object.entries(value.watermarks).map(([stage, [ms, idle]]) => [stage, { ms: msOf(ms), idle }]),
  );
  return { ...value, watermarks };
}

function msOf(ms: number | "none" | "end"): number {
  if (ms === "none") return Number.NEGATIVE_INFINITY;
  return ms === "end" ? Number.POSITIVE_INFINITY : ms;
}
