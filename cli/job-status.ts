import type { Epochs } from "../runtime/checkpoint/epochs.ts";
import { healthOf } from "../runtime/coordinator/health.ts";
import { readTableKeys, type TableKeyMismatch } from "../runtime/coordinator/table-keys.ts";
import { combineOwnWatermarks } from "../runtime/exchange/watermark.ts";
import type { Ports } from "../runtime/ports/index.ts";
import { readEpochs } from "../runtime/checkpoint/epochs.ts";
import { type Generation, readGeneration } from "../runtime/job/generation.ts";
import { lateByOperator } from "../runtime/job/late-elements.ts";
import { listProgress, type SlotProgress } from "../runtime/job/progress.ts";

/** A job as its table shows it: nothing is asked of functions, streams or metrics. */
export interface JobStatus {
  readonly job: string;
  /** The other fields are absent, or empty, where nothing has run yet. */
  readonly state: JobState;
  readonly generation?: number;
  /** Fingerprint of the plan. */
  readonly plan?: string;
  readonly publishedMs?: number;
  /** Keys of the manifests that it was restored from, and stopped with. */
  readonly restoredFrom?: string;
  readonly savepoint?: string;
  readonly epochs: EpochsStatus;
  readonly slots: readonly SlotStatus[];
  /** Taken by sources, over all slots. */
  readonly records: number;
  readonly deadLetters: number;
  /** Elements that came too late for all of their windows, by operator that has had any. */
  readonly lateElements: Readonly<Record<string, number>>;
  /** Writes of rows that found a newer one in place, replays included. */
  readonly supersededRows: number;
  /** Tables whose key is not that of their rows. */
  readonly tableKeyMismatches: readonly TableKeyMismatch[];
  readonly stateBytes: number;
  /** Of the slot that is nearest to the end of its log. */
  readonly ringUsedPercent: number;
  /** How far the slowest watermark is behind the clock; absent where none is a time. */
  readonly watermarkLagMs?: number;
  /** When the next timer of processing time is due; absent where none stands. A job that is drained waits for all of them. */
  readonly nextTimerMs?: number;
  /** By stage: the slowest slot that is not idle, where all are the fastest; -Infinity before the first element, +Infinity at the end. */
  readonly watermarksMs: Readonly<Record<string, number>>;
}

export type JobState =
  | "not started"
  | "running"
  | "stopping"
  | "draining"
  | "stopped"
  | "cancelled"
  | "finished";

export interface EpochsStatus {
  /** Numbers of epochs of this generation. */
  readonly completed?: number;
  readonly open?: number;
  /** Expired ones in a row, and why the newest did. */
  readonly failedInARow: number;
  readonly reason?: string;
}

export interface SlotStatus {
  readonly slot: string;
  readonly version: number;
  readonly records: number;
  readonly stateBytes: number;
  readonly deadLetters: number;
  readonly ringUsedPercent: number;
  /** The slowest of its stages that are not idle, where all are the fastest. */
  readonly watermarkMs: number;
  /** Since its progress was written: since its last batch, that is. */
  readonly quietMs: number;
}

/** @throws store errors, for example `store-missing` */
export async function jobStatus(ports: Ports, job: string): Promise<JobStatus> {
  const generation = await readGeneration(ports, job);
  if (generation === undefined) return { ...nothing, job, state: "not started" };
  const { generation: number, plan, publishedMs, ringSize, restoredFrom, savepoint } = generation;
  const { epochs } = await readEpochs(ports, job, number);
  const rows = await listProgress(ports, { job, generation: number });
  const living = rows.filter(({ sealed }) => !sealed);
  const nowMs = ports.clock.nowMs();
  const health = (progress: readonly SlotProgress[]) =>
    healthOf({ progress, ringSize, nowMs, shards: new Map(), exchangeLagMs: 0 });
  const { stateBytes, ringUsedPercent, watermarkLagMs } = health(living);
  const nextTimerMs = Math.min(...living.map((row) => row.nextTimerMs ?? Infinity));
  const ofSources = living.filter(({ slot }) => !slot.startsWith("exchange/"));
  return {
    job,
    state: stateOf(generation, epochs),
    generation: number,
    plan,
    publishedMs,
    ...(restoredFrom === undefined ? {} : { restoredFrom }),
    ...(savepoint === undefined ? {} : { savepoint }),
    epochs: epochsStatus(epochs),
    slots: living.map((row) => slotStatus(row, { nowMs, ...health([row]) })),
    records: sumOf(ofSources, ({ counters }) => counters.records),
    deadLetters: sumOf(living, ({ counters }) => counters.deadLetters),
    lateElements: lateByOperator(living.map(({ counters }) => counters)),
    supersededRows: sumOf(living, ({ counters }) => counters.superseded ?? 0),
    tableKeyMismatches: await readTableKeys(ports, job),
    stateBytes,
    ringUsedPercent,
    ...(watermarkLagMs === undefined ? {} : { watermarkLagMs }),
    ...(Number.isFinite(nextTimerMs) ? { nextTimerMs } : {}),
    watermarksMs: watermarksMs(living),
  };
}

const nothing = {
  epochs: { failedInARow: 0 },
  slots: [],
  records: 0,
  deadLetters: 0,
  lateElements: {},
  supersededRows: 0,
  tableKeyMismatches: [],
  stateBytes: 0,
  ringUsedPercent: 0,
  watermarksMs: {},
} satisfies Partial<JobStatus>;

function stateOf({ ended, outcome }: Generation, { stopping, draining }: Epochs): JobState {
  if (ended) return outcome ?? "finished";
  if (draining) return "draining";
  return stopping ? "stopping" : "running";
}

function epochsStatus({ completed, newest, failures }: Epochs): EpochsStatus {
  const { status, number, reason } = newest ?? {};
  return {
    ...(completed === undefined ? {} : { completed }),
    ...(status === "open" && number !== undefined ? { open: number } : {}),
    failedInARow: failures,
    ...(status === "expired" && reason !== undefined ? { reason } : {}),
  };
}

function slotStatus(
  { slot, version, counters, stateBytes, watermarks, atMs }: SlotProgress,
  { nowMs, ringUsedPercent }: { readonly nowMs: number; readonly ringUsedPercent: number },
): SlotStatus {
  const { records, deadLetters } = counters;
  const { ms: watermarkMs } = combineOwnWatermarks(Object.values(watermarks));
  const quietMs = Math.max(0, nowMs - atMs);
  return { slot, version, records, stateBytes, deadLetters, ringUsedPercent, watermarkMs, quietMs };
}

function watermarksMs(rows: readonly SlotProgress[]): Readonly<Record<string, number>> {
  const stages = [...new Set(rows.flatMap(({ watermarks }) => Object.keys(watermarks)))].toSorted();
  return Object.fromEntries(
    stages.map((stage) => {
      const all = rows.flatMap(({ watermarks }) => watermarks[stage] ?? []);
      return [stage, combineOwnWatermarks(all).ms];
    }),
  );
}

function sumOf<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0);
}
