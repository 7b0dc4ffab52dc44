import { type Part, readPart, readSegment } from "../../checkpoint/part.ts";
import { stateError } from "../../errors/millrace-error.ts";
import { ownWatermark } from "../../exchange/watermark.ts";
import type { LogRow } from "../../ports/index.ts";
import { type CommitBody, readBody } from "./commit-body.ts";
import type { SlotEnvironment } from "./environment.ts";
import type { Generation } from "../../job/generation.ts";
import { guardHeap } from "./heap-guard.ts";
import { adoptFloors } from "./adopt-floors.ts";
import { ownsKeyOf } from "../../job/ownership.ts";
import type { JobRuntime } from "../../job/job-runtime.ts";
import type { SlotProgress } from "../../job/progress.ts";
import type { SlotImage } from "./slot-image.ts";
import type { SlotMeta } from "../../job/slot-meta.ts";
import type { BroadcastDelta } from "../../state/broadcast-delta.ts";
import { createProgram } from "../program/slot-program.ts";
import { logNameOf, type SlotRef } from "../../job/slot-ref.ts";
import { sourceDecoder } from "../program/source-decoder.ts";

/** A row with its body opened: what catching up applies. */
export interface OpenRow {
  readonly row: LogRow;
  readonly body: CommitBody & { readonly bytes: number };
}

/** An image of version 0: no state, and a cursor before the first record. */
export function emptyImage(
  job: JobRuntime,
  generation: Generation,
  slot: SlotRef,
  range: SlotMeta["range"],
): SlotImage {
  const program = createProgram(job, slot);
  return {
    job,
    slot,
    generation,
    log: logNameOf(job.plan.job, generation, slot),
    program,
    decoder:
      program.source === undefined ? undefined : sourceDecoder(program.source.node, job.ports),
    meta: {
      version: 0,
      epoch: 0,
      range,
      cursor: {},
      pastFence: false,
      watermarks: {},
      marks: {},
      sentToSelf: [],
      tickClockMs: 0,
      counters: { records: 0, deadLetters: 0, operators: {} },
    },
    nonce: undefined,
    sealed: false,
    deliveredVersion: 0,
    part: undefined,
    progressRank: undefined,
    sincePart: [],
    sincePartBytes: 0,
    sincePartVersion: 0,
    pending: [],
    recorded: [],
    collected: [],
    isWarnedOf: false,
  };
}

/**
 * Loads a slot from its newest part (or, before the first one, from the takeover row or from nothing) and the contiguous
 * rows behind it (protocol 3.0). Answers these rows; undefined where the log has gone on so far since the progress row was
 * read that its first rows are overwritten: the row must be read again, for it names a part now (protocol 3.4).
 */
export async function loadImage(
  environment: SlotEnvironment,
  image: SlotImage,
  progress: SlotProgress | undefined,
): Promise<readonly OpenRow[] | undefined> {
  const { ports } = image.job;
  if (progress?.part !== undefined) {
    await restorePart(environment, image, await readPart<SlotMeta>(ports, progress.part.key));
    image.part = progress.part;
    // protocol 5.2: a part doesn't tell whether its version is the seal.
    image.sealed = progress.sealed && progress.part.version === progress.version;
    return applyRows(image, await readRun(image, image.meta.version + 1, progress.version));
  }
  const rows = await ports.log.readAll(image.log);
  // Before the first part, the takeover row holds the whole state and counts as the part.
  const start = rows.findIndex((row) => row.kind === "takeover" || row.version === 1);
  if (start === -1 && rows.length > 0) return undefined;
  return applyRows(image, contiguous(rows.slice(Math.max(start, 0))));
}

/**
 * The contiguous rows from version `first` on: up to `known`, and then as far as there are any. Of the head only what was
 * delivered is known, so it is seldom more than one version beyond.
 */
export async function readRun(
  { job, log }: SlotImage,
  first: number,
  known: number,
): Promise<readonly LogRow[]> {
  const rows: LogRow[] = [];
  let next = first;
  let last = Math.max(known, first) + 1;
  for (;;) {
    for (const row of await job.ports.log.read(log, { first: next, last })) {
      if (row.version !== next) break;
      rows.push(row);
      next += 1;
    }
    if (next <= last) return rows;
    last = next + 3;
  }
}

/** Applies rows in order; answers them all, opened. */
export async function applyRows(
  image: SlotImage,
  rows: readonly LogRow[],
): Promise<readonly OpenRow[]> {
  const opened: OpenRow[] = [];
  for (const row of rows) {
    const body = await readBody(image.job.ports, row);
    applyBody(image, row, body);
    opened.push({ row, body });
  }
  return opened;
}

function applyBody(image: SlotImage, row: LogRow, body: OpenRow["body"]): void {
  for (const delta of body.deltas) subtaskOf(image, delta.stage).state.apply(delta);
  applyBroadcast(image, body.broadcast);
  adoptMeta(image, body.meta);
  adoptInFlight(image, body);
  image.nonce = row.nonce;
  image.sealed = row.kind === "seal";
  image.sincePart.push(...body.deltas);
  image.sincePartBytes += body.bytes;
}

/** Follows what a commit says about pending, recorded and collected data; the image has its meta already. */
export function adoptInFlight(image: SlotImage, body: CommitBody): void {
  const { cut, version } = image.meta;
  if (body.pending !== undefined) image.pending = body.pending;
  if (cut === undefined || cut.closed || cut.version === version) image.recorded = [];
  else if (body.recorded !== undefined) image.recorded = [...image.recorded, ...body.recorded];
  const { staged = [], collected = [] } = body;
  if (staged.length === 0 && collected.length === 0) return;
  const kept = image.collected.filter(({ sink }) => !staged.includes(sink));
  image.collected = [...kept, ...collected];
}

/** Takes over meta that was committed elsewhere: watermarks and counters live in the subtasks too. */
function adoptMeta(image: SlotImage, meta: SlotMeta): void {
  image.meta = meta;
  for (const [stage, subtask] of image.program.subtasks) {
    const watermark = meta.watermarks[stage];
    if (watermark === undefined) continue;
    subtask.adopt({
      watermarkMs: ownWatermark(watermark),
      idle: watermark.idle,
      firing: meta.firing?.includes(stage) ?? false,
    });
    adoptFloors(subtask, meta, image.job);
  }
  for (const [name, metrics] of image.program.metrics) {
    const [received, late] = meta.counters.operators[name] ?? [0, 0];
    metrics.received = received;
    metrics.late = late;
    metrics.user?.restore(meta.counters.user?.[name]);
  }
}

async function restorePart(
  environment: SlotEnvironment,
  image: SlotImage,
  part: Part<SlotMeta>,
): Promise<void> {
  for (const segment of part.segments) {
    for (const delta of await readSegment(image.job.ports, segment)) {
      const subtask = subtaskOf(image, delta.stage);
      if (part.clip === true)
        subtask.state.apply(delta, ownsKeyOf(subtask.stage.kind, part.meta, image.job));
      else subtask.state.apply(delta);
    }
    guardHeap(environment, image);
  }
  applyBroadcast(image, part.broadcast);
  adoptMeta(image, part.meta);
  image.pending = part.pending ?? [];
  image.recorded = part.recorded ?? [];
  image.collected = part.collected ?? [];
  image.nonce = part.nonce;
  image.sincePartVersion = part.version;
}

function applyBroadcast(image: SlotImage, deltas: readonly BroadcastDelta[] = []): void {
  for (const delta of deltas) subtaskOf(image, delta.stage).broadcast.apply(delta);
}

function subtaskOf(image: SlotImage, stage: string) {
  const subtask = image.program.subtasks.get(stage);
  if (subtask !== undefined) return subtask;
  throw stateError("stage-unknown", {
    message: `Slot ${image.slot.name} has persisted state of stage "${stage}", which the job doesn't have.`,
    next: "Run the job that the generation was started with.",
  });
}

/** protocol 3.0: never what lies behind a hole. */
function contiguous(rows: readonly LogRow[]): readonly LogRow[] {
  const hole = rows.findIndex(
    (row, at) => at > 0 && row.version !== (rows[at - 1] as LogRow).version + 1,
  );
  return hole === -1 ? rows : rows.slice(0, hole);
}
