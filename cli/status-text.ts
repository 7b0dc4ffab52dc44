import type { EpochsStatus, JobStatus } from "../runtime/observe/job-status.ts";
import { wrapped } from "./columns.ts";
import { readableBytes, readableCount, readableDuration, readableTime } from "./readable.ts";
import { epochOf } from "./savepoint-command.ts";
import { fittingLines } from "./table-lines.ts";

const heads = ["slot", "version", "records", "state", "log", "dead", "watermark", "quiet for"];
const toTheRight = ["version", "records", "state", "log", "dead", "quiet for"];
const givesWay = ["log", "version", "state", "quiet for", "records"];

/** For people; in a terminal, how many characters wide it is. */
export function statusLines(
  status: JobStatus,
  columns: number = Number.POSITIVE_INFINITY,
): readonly string[] {
  const { job, state, generation, plan, publishedMs = 0, slots, epochs } = status;
  if (generation === undefined) return [`job ${job} has not started: there is no generation of it`];
  const { records, deadLetters, supersededRows, stateBytes, ringUsedPercent, watermarkLagMs } =
    status;
  const lag =
    watermarkLagMs === undefined
      ? []
      : [`slowest watermark ${readableDuration(watermarkLagMs)} ago`];
  const figures = [
    `${readableCount(records)} records`,
    `state ${readableBytes(stateBytes)}`,
    `dead letters ${readableCount(deadLetters)}`,
    ...(supersededRows === 0 ? [] : [`superseded rows ${readableCount(supersededRows)}`]),
    `fullest log ${percent(ringUsedPercent)}`,
    ...lag,
  ];
  return [
    `job ${job}: ${state}, generation ${generation}${originText(status)}, plan ${plan}, since ${readableTime(publishedMs)}`,
    ...wrapped(figures.join(", "), columns - 2).map((line) => `  ${line}`),
    ...drainLines(status),
    `  checkpoints: ${epochsText(epochs)}`,
    `  late elements: ${lateText(status)}`,
    ...status.retrying.map(
      ({ slot, failure, attempts, againAtMs }) =>
        `  slot ${slot}: its batch has failed ${attempts === 1 ? "once" : `${attempts} times`}, in ${failure}, and is tried again at ${readableTime(againAtMs)}`,
    ),
    ...status.tableKeyMismatches.map(
      ({ sink, table, fault }) =>
        `  sink ${sink}: the table "${table}" can't hold its rows: ${fault}`,
    ),
    ...status.alignment.map(
      ({ group, lowestMs, highestMs, maxDriftMs }) =>
        `  group ${group}: its sources are ${readableDuration(highestMs - lowestMs)} apart, at most ${readableDuration(maxDriftMs)} plus a batch`,
    ),
    ...Object.entries(status.watermarksMs).map(
      ([stage, ms]) => `  stage ${stage}: watermark ${readableTime(ms)}`,
    ),
    ...fittingLines(heads, slots.map(slotRow), { toTheRight, columns: columns - 2, givesWay }).map(
      (line) => `  ${line}`,
    ),
  ];
}

function drainLines({ state, nextTimerMs }: JobStatus): readonly string[] {
  if (state !== "draining" || nextTimerMs === undefined) return [];
  return [
    `  timers of processing time stand, the next until ${readableTime(nextTimerMs)}: it stops when all have fired`,
  ];
}

function originText({ restoredFrom, savepoint }: JobStatus): string {
  const from = restoredFrom === undefined ? "" : `, restored from ${epochOf(restoredFrom)}`;
  return `${from}${savepoint === undefined ? "" : `, stopped with ${epochOf(savepoint)}`}`;
}

function lateText({ lateElements }: JobStatus): string {
  const texts = Object.entries(lateElements).map(
    ([operator, count]) => `${operator} ${readableCount(count)}`,
  );
  return texts.length === 0 ? "none" : texts.join(", ");
}

function epochsText(epochs: EpochsStatus): string {
  const { completed, open, committing, failedInARow, reason } = epochs;
  const newest = completed === undefined ? "none complete yet" : `newest complete ${completed}`;
  const taken = open === undefined ? "" : `, ${open} is being taken`;
  const seen = committing === undefined ? "" : `, ${committing} is being made visible`;
  const why = reason === undefined ? "" : ` (${reason})`;
  return `${newest}${taken}${seen}${failedInARow === 0 ? "" : `, ${failedInARow} failed in a row${why}`}`;
}

function slotRow(slot: JobStatus["slots"][number]): readonly string[] {
  return [
    slot.slot,
    String(slot.version),
    readableCount(slot.records),
    readableBytes(slot.stateBytes),
    percent(slot.ringUsedPercent),
    readableCount(slot.deadLetters),
    readableTime(slot.watermarkMs),
    readableDuration(slot.quietMs),
  ];
}

const percent = (value: number): string => `${Math.round(value)} %`;
