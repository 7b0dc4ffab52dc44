import { type Epochs, readEpochs } from "../checkpoint/epochs.ts";
import { type AlignedGroup, readAlignment } from "../job/alignment.ts";
import { combineOwnWatermarks } from "../exchange/watermark.ts";
import { type Generation, readGeneration } from "../job/generation.ts";
import { listProgress, type SlotProgress } from "../job/progress.ts";
import { refusedInputs } from "../job/refused-input.ts";
import type { Ports } from "../ports/index.ts";
import { healthOf, ringUsedPercent } from "./health.ts";
import { livingSlots, type SlotTotals, totalsOf, watermarksOf } from "./living-slots.ts";
import { type RetryingSlot, retryingSlots } from "./retrying-slots.ts";
import { readTableKeys, type TableKeyMismatch } from "./table-keys.ts";

/** A job as its table shows it: nothing is asked of functions, streams or metrics. */
export interface JobStatus extends SlotTotals {
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
  /** Slots whose batch keeps failing. */
  readonly retrying: readonly RetryingSlot[];
  /** Tables whose key is not that of their rows. */
  readonly tableKeyMismatches: readonly TableKeyMismatch[];
  /** Sources that wait for each other, as the coordinator saw them last. */
  readonly alignment: readonly AlignedGroup[];
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
  /** It is complete, and not all of its results can be seen yet. */
  readonly committing?: number;
  /** Expired ones in a row, and why the newest did. */
  readonly failedInARow: number;
  readonly reason?: string;
}

export interface SlotStatus {
  readonly slot: string;
  readonly version: number;
  readonly records: number;
  readonly stateBytes: number;
  readonly keys: number;
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
  const rows = await listProgress(ports, { job, generation: generation.generation });
  return await statusOfRows(ports, job, { generation, rows });
}

/** The same of rows that were read already: those of the generation's slots. */
export async function statusOfRows(
  ports: Pick<Ports, "control" | "clock">,
  job: string,
  read: { readonly generation: Generation; readonly rows: readonly SlotProgress[] },
): Promise<JobStatus> {
  const { generation, rows } = read;
  const { generation: number, plan, publishedMs, ringSize, restoredFrom, savepoint } = generation;
  const { epochs } = await readEpochs(ports, job, number);
  const living = livingSlots(rows);
  const nowMs = ports.clock.nowMs();
  const health = healthOf({
    progress: living,
    ringSize,
    nowMs,
    shards: new Map(),
    exchangeLagMs: 0,
  });
  const { watermarkLagMs } = health;
  const totals = totalsOf(living);
  const nextTimerMs = Math.min(...living.map((row) => row.nextTimerMs ?? Infinity));
  return {
    job,
    state: stateOf(generation, epochs),
    generation: number,
    plan,
    publishedMs,
    ...(restoredFrom === undefined ? {} : { restoredFrom }),
    ...(savepoint === undefined ? {} : { savepoint }),
    epochs: epochsStatus(epochs),
    slots: living.map((row) => slotStatus(row, { nowMs, ringSize })),
    ...totals,
    deadLetters: totals.deadLetters + (await refusedInputs(ports, job)),
    retrying: await retryingSlots(ports, job, generation),
    alignment: await readAlignment(ports, job),
    tableKeyMismatches: await readTableKeys(ports, job),
    ringUsedPercent: health.ringUsedPercent,
    ...(watermarkLagMs === undefined ? {} : { watermarkLagMs }),
    ...(Number.isFinite(nextTimerMs) ? { nextTimerMs } : {}),
    watermarksMs: Object.fromEntries(
      Object.entries(watermarksOf(living)).map(([stage, { ms }]) => [stage, ms]),
    ),
  };
}

const nothing = {
  epochs: { failedInARow: 0 },
  slots: [],
  records: 0,
  deadLetters: 0,
  lateElements: {},
  supersededRows: 0,
  retrying: [],
  alignment: [],
  tableKeyMismatches: [],
  stateBytes: 0,
  keys: 0,
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
    ...(status === "committing" && number !== undefined ? { committing: number } : {}),
    failedInARow: failures,
    ...(status === "expired" && reason !== undefined ? { reason } : {}),
  };
}

function slotStatus(
  row: SlotProgress,
  { nowMs, ringSize }: { readonly nowMs: number; readonly ringSize: number },
): SlotStatus {
  const { slot, version, counters, stateBytes, keys, watermarks, atMs } = row;
  return {
    slot,
    version,
    records: counters.records,
    stateBytes,
    keys,
    deadLetters: counters.deadLetters,
    ringUsedPercent: ringUsedPercent(row, ringSize),
    watermarkMs: combineOwnWatermarks(Object.values(watermarks)).ms,
    quietMs: Math.max(0, nowMs - atMs),
  };
}
