import { raiseMarks, type RangeMark } from "../../exchange/group-ranges.ts";
import type { Block } from "../../exchange/frame.ts";
import { noWatermark, type StageWatermark } from "../../exchange/watermark.ts";
import { stageOfSource } from "../../job/job-runtime.ts";
import { floorsAbove } from "../../job/lateness-floors.ts";
import {
  type Cut,
  elementsDone,
  type SlotCounters,
  type SlotMeta,
  type SourceProgress,
} from "../../job/slot-meta.ts";
import type { Subtask } from "../../operators/subtask.ts";
import type { MetricValues } from "../../graph/metric-values.ts";
import { groupsOfRange } from "../../serde/hash-space.ts";
import { carriedCut } from "../image/cut-meta.ts";
import type { SlotImage } from "../image/slot-image.ts";
import { sourceWatermark } from "./step-timers.ts";
import type { Draft, StepRun } from "./step.ts";

/** What a slot says of itself behind a step that sent `blocks`: the meta of the commit that it will be. */
export function metaAfter(image: SlotImage, run: StepRun, blocks: readonly Block[]): SlotMeta {
  const { program, meta, slot } = image;
  const { draft } = run;
  const version = meta.version + 1;
  const source = sourceAfter(run);
  const watermarks = watermarksOf(image, source);
  const floors = floorsAbove(meta.floors, watermarks);
  const cut = carriedCut(image);
  const stopping = meta.stopping === true || run.input.drains === true;
  const firing = [...program.subtasks.values()].flatMap((one) =>
    one.firing ? [one.stage.id] : [],
  );
  return {
    version,
    epoch: meta.epoch,
    range: meta.range,
    cursor: draft.cursor,
    pastFence: run.input.isGap ? meta.pastFence : draft.pastFence || isPastSourceFence(image, run),
    watermarks,
    ...(floors === undefined ? {} : { floors }),
    ...(source === undefined ? {} : { source }),
    marks: Object.fromEntries(draft.marks),
    ...(draft.broadcastMarks.size === 0
      ? {}
      : { broadcastMarks: Object.fromEntries(draft.broadcastMarks) }),
    ...(draft.closedEpoch === 0 ? {} : { closedEpoch: draft.closedEpoch }),
    sentToSelf: slot.source === undefined ? noteSentToSelf(image, blocks, version) : [],
    tickClockMs: draft.tickClockMs,
    counters: countersOf(image, run),
    ...(run.duplicates === undefined ? {} : { duplicates: run.duplicates.state }),
    ...(cut === undefined ? {} : { cut: cutAfter(cut, draft) }),
    ...(stopping ? { stopping } : {}),
    ...(firing.length === 0 ? {} : { firing }),
    ...(meta.staged === undefined ? {} : { staged: meta.staged }),
    ...(draft.replayed === 0 ? {} : { replayed: draft.replayed }),
    ...(meta.startMs === undefined ? {} : { startMs: meta.startMs }),
  };
}

function cutAfter({ senders: _, ...cut }: Cut, { closed, senders }: Draft): Cut {
  if (cut.closed || closed) return { ...cut, closed: true };
  return senders.size === 0 ? cut : { ...cut, senders: [...senders] };
}

function sourceAfter({ draft: { source }, generation }: StepRun): SourceProgress | undefined {
  return source === undefined || generation === undefined
    ? source
    : { ...source, generator: generation.progress() };
}

function watermarksOf(
  image: SlotImage,
  source: SourceProgress | undefined,
): SlotMeta["watermarks"] {
  const { program, meta, job, slot } = image;
  const watermarks: Record<string, StageWatermark> = {};
  for (const [stage, subtask] of program.subtasks)
    watermarks[stage] = passedOn(subtask, meta.watermarks[stage]);
  if (program.source !== undefined && source !== undefined) {
    const stage = stageOfSource(job.plan, slot.source);
    const ms = source.ended ? Number.POSITIVE_INFINITY : sourceWatermark(program.source, source);
    const before = meta.watermarks[stage?.id ?? ""]?.ms ?? Number.NEGATIVE_INFINITY;
    if (stage !== undefined) watermarks[stage.id] = { ms: Math.max(ms, before), idle: source.idle };
  }
  return watermarks;
}

/**
 * protocol 4.8: a stage does not pass +infinity on while a processing-time timer of its may still emit, and no watermark while
 * timers are left that it has released (3.2); nor does it count as idle then.
 */
function passedOn(subtask: Subtask, before: StageWatermark = noWatermark): StageWatermark {
  const { watermarkMs, idle, firing } = subtask;
  const isHeld =
    firing ||
    (watermarkMs === Number.POSITIVE_INFINITY && Number.isFinite(subtask.firstProcessingMs()));
  return isHeld && before.ms !== watermarkMs
    ? { ms: before.ms, idle: idle && !firing, own: watermarkMs }
    : { ms: watermarkMs, idle };
}

/** protocol 3.7: a record that arrived well after the generation was published is the fence of a source slot. */
function isPastSourceFence(image: SlotImage, run: StepRun): boolean {
  if (image.slot.source === undefined) return false;
  // Of those that were taken: the step may have stopped before the others.
  const last = run.input.records.findLast(
    ({ sequence }) => elementsDone(run.draft.cursor, sequence) === Number.POSITIVE_INFINITY,
  );
  return (
    last !== undefined &&
    last.arrivalMs > image.generation.publishedMs + image.job.settings.fenceSkewMs
  );
}

function noteSentToSelf(
  image: SlotImage,
  blocks: readonly Block[],
  version: number,
): readonly RangeMark[] {
  const own = groupsOfRange(image.meta.range, image.job.plan.maxParallelism);
  let sent = image.meta.sentToSelf;
  for (const { group } of blocks) {
    if (own !== undefined && group !== undefined && group >= own.first && group <= own.last)
      sent = raiseMarks(sent, { first: group, last: group }, version);
  }
  return sent;
}

function deadLettersByOperator({
  program,
  meta,
}: SlotImage): Pick<SlotCounters, "deadLettersByOperator"> {
  const before = meta.counters.deadLettersByOperator;
  const { deadLettersByOperator: added } = program.effects;
  if (added.size === 0) return before === undefined ? {} : { deadLettersByOperator: before };
  const counts: Record<string, number> = { ...before };
  for (const [operator, count] of added) counts[operator] = (counts[operator] ?? 0) + count;
  return { deadLettersByOperator: counts };
}

function countersOf(image: SlotImage, run: StepRun): SlotCounters {
  const { program, meta } = image;
  const operators: Record<string, readonly [number, number]> = {};
  for (const [name, metrics] of program.metrics) operators[name] = [metrics.received, metrics.late];
  const { superseded } = meta.counters;
  return {
    records: meta.counters.records + run.draft.records,
    deadLetters: meta.counters.deadLetters + program.effects.deadLetters.length,
    ...(superseded === undefined ? {} : { superseded }),
    ...deadLettersByOperator(image),
    operators,
    ...userCounters(program),
  };
}

function userCounters({ metrics }: SlotImage["program"]): Pick<SlotCounters, "user"> {
  const user: Record<string, MetricValues> = {};
  for (const [name, { user: declared }] of metrics)
    if (declared !== undefined) user[name] = declared.values();
  return Object.keys(user).length === 0 ? {} : { user };
}
