import type { InFlightRef, PartRef } from "../checkpoint/part.ts";
import type { StageWatermark } from "../exchange/watermark.ts";
import { slotRows } from "../layout/names.ts";
import type { ControlRow, JsonValue, Ports } from "../ports/index.ts";
import { fromControlValue, toControlValue } from "../serde/control-value.ts";
import type { HashRange } from "../serde/hash-space.ts";

import type { SlotCounters } from "./slot-meta.ts";
import type { SlotRef } from "./slot-ref.ts";

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
  /** Of a source slot with keyed stages of its own: when the first event timer of theirs is due; absent where there is none. */
  readonly nextEventTimerMs?: number;
  readonly part?: PartRef;
  /** The newest epoch that the slot has cut for; absent where it came to its epoch by a takeover, or gave the cut up. */
  readonly cutEpoch?: number;
  /** Its share of that epoch, once the part of the cut is written (protocol 6.2). */
  readonly checkpoint?: SlotCheckpoint;
  /** The slot follows a stop (protocol 6.7). */
  readonly stopping?: boolean;
  readonly sealed: boolean;
  readonly ended: boolean;
  /** A source slot that is not past its fence: nobody else may hand over what it lacks (protocol 3.7). */
  readonly beforeFence?: boolean;
  readonly counters: SlotCounters;
  /** Of a source slot: processing time of the last batch that held an element. */
  readonly lastElementMs?: number;
  readonly stateBytes: number;
  /** By operator, as in the counters. */
  readonly stateBytesByOperator?: Readonly<Record<string, number>>;
  readonly keys: number;
  readonly tickClockMs: number;
  /** When the row was written, by the writer's clock. */
  readonly atMs: number;
}

/** A slot's share of an epoch. */
export interface SlotCheckpoint {
  readonly epoch: number;
  readonly part: PartRef;
  /** Nothing is missing: an exchange slot's share waits until the epoch is closed. */
  readonly complete: boolean;
  readonly inFlight?: InFlightRef;
}

/** Two rows of one version differ in the part that they name: the later one ranks higher. */
export function progressRank(progress: Pick<SlotProgress, "version" | "part">): number {
  return (
    progress.version * 2 +
    (progress.part?.version === progress.version && progress.version > 0 ? 1 : 0)
  );
}

/** The row of a slot that has not committed yet. */
export function startingProgress(slot: SlotRef, range: HashRange, atMs: number): SlotProgress {
  return {
    slot: slot.name,
    stream: slot.stream,
    shardId: slot.shardId,
    range,
    version: 0,
    epoch: 0,
    watermarks: {},
    sealed: false,
    ended: false,
    counters: { records: 0, deadLetters: 0, operators: {} },
    stateBytes: 0,
    keys: 0,
    tickClockMs: 0,
    atMs,
  };
}

/** A progress row as it stands, with what a change of it is conditional on. */
export interface StandingProgress {
  readonly progress: SlotProgress;
  readonly rank: number;
}

export interface ProgressWrite {
  /** Rank of the row as the writer knows it; absent where there is none. */
  readonly knownRank?: number | undefined;
  /** The row must name this part when the write takes its place: what it names instead builds on that one. */
  readonly replacesPart?: string | undefined;
}

/**
 * Writes a progress row, only ever forwards, and answers the row that stands then. Each write takes the place of one that it
 * knows, so that the part that the row names never goes back either (protocol 3.5).
 */
export async function writeProgress(
  ports: Ports,
  place: { readonly job: string; readonly generation: number },
  progress: SlotProgress,
  { knownRank, replacesPart }: ProgressWrite = {},
): Promise<StandingProgress> {
  const key = {
    partition: slotRows.progress(place.job, place.generation),
    sort: progress.slot,
  };
  let next = progress;
  let expected = knownRank;
  for (;;) {
    const rank = progressRank(next);
    const outcome =
      expected === undefined || expected < rank
        ? await ports.control.put(
            { ...key, rank, value: toJson(next) },
            expected === undefined ? { kind: "absent" } : { kind: "rank", rank: expected },
          )
        : { written: false as const };
    if (outcome.written) return { progress: next, rank };
    const found = outcome.found ?? (await ports.control.get(key));
    if (found === undefined) {
      expected = undefined;
      continue;
    }
    const standing = { progress: progressOfRow(found), rank: found.rank };
    const { part } = standing.progress;
    if (found.rank >= rank || (replacesPart !== undefined && part?.key !== replacesPart))
      return standing;
    if ((part?.version ?? 0) > (next.part?.version ?? 0)) next = { ...next, ...(part && { part }) };
    expected = found.rank;
  }
}

export async function readProgress(
  ports: Ports,
  place: { readonly job: string; readonly generation: number; readonly slot: string },
): Promise<SlotProgress | undefined> {
  const row = await ports.control.get({
    partition: slotRows.progress(place.job, place.generation),
    sort: place.slot,
  });
  return row === undefined ? undefined : progressOfRow(row);
}

export async function listProgress(
  ports: Pick<Ports, "control">,
  place: { readonly job: string; readonly generation: number },
): Promise<readonly SlotProgress[]> {
  const rows = await ports.control.list(slotRows.progress(place.job, place.generation));
  return rows.map(progressOfRow);
}

/** A time as JSON holds it: "none" before the first, "end" behind the last. */
export type WrittenMs = number | "none" | "end";
type WrittenWatermark = readonly [ms: WrittenMs, idle: boolean, own?: WrittenMs];

interface WrittenProgress extends Omit<SlotProgress, "watermarks"> {
  readonly watermarks: Readonly<Record<string, WrittenWatermark>>;
}

/** JSON has no infinities: they are written as "none" and "end". */
function toJson(progress: SlotProgress): JsonValue {
  const watermarks = Object.entries(progress.watermarks).map(
    ([stage, { ms, idle, own }]): [string, WrittenWatermark] => [
      stage,
      own === undefined ? [written(ms), idle] : [written(ms), idle, written(own)],
    ],
  );
  return toControlValue({ ...progress, watermarks: Object.fromEntries(watermarks) });
}

function progressOfRow(row: ControlRow): SlotProgress {
  const value = fromControlValue<WrittenProgress>(row);
  const watermarks = Object.entries(value.watermarks).map(
    ([stage, [ms, idle, own]]): [string, StageWatermark] => [
      stage,
      { ms: msOf(ms), idle, ...(own === undefined ? {} : { own: msOf(own) }) },
    ],
  );
  return { ...value, watermarks: Object.fromEntries(watermarks) };
}

export function written(ms: number): WrittenMs {
  if (Number.isFinite(ms)) return ms;
  return ms > 0 ? "end" : "none";
}

function msOf(ms: WrittenMs): number {
  if (ms === "none") return Number.NEGATIVE_INFINITY;
  return ms === "end" ? Number.POSITIVE_INFINITY : ms;
}
