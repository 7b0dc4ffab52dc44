import { type JobProgress, type OperatorProgress } from "../runtime/observe/job-progress.ts";
import { combineWatermarks } from "../runtime/exchange/watermark.ts";
import type { RunEnd, RunStart } from "./progress-view.ts";
import type { Rates } from "./rate-meter.ts";
import { readableBytes, readableCount, readableDuration, readableTime } from "./readable.ts";
import type { SinkResults } from "./sink-results.ts";
import { fittingLines, tableLines } from "./table-lines.ts";
import { watermarkLag } from "../runtime/observe/watermark-lag.ts";

/** Where an earlier run left off, or that there was none. */
export function startLines({ job, generation, dir, workers, before }: RunStart): readonly string[] {
  const first = `job ${job}, generation ${generation}, ${workers} ${workers === 1 ? "worker" : "workers"}, in ${dir}`;
  if (before === undefined) return [first, "starts without state"];
  const { progress, slots } = before;
  const stages = new Map(
    progress.operators.map(({ stage, watermarkMs }) => [
      stage,
      `${stage} ${readableTime(watermarkMs)}`,
    ]),
  );
  return [
    first,
    `resumes after ${readableCount(progress.records)} records and ${readableCount(progress.commits)} commits, with ${readableBytes(progress.stateBytes)} of state`,
    ...slots.map(
      ({ slot, version, records, stateBytes }) =>
        `  ${slot}: version ${version}, ${readableCount(records)} records done, state ${readableBytes(stateBytes)}`,
    ),
    `  watermarks: ${[...stages.values()].join(", ")}`,
  ];
}

/** Everything in one line, for logs; where it has to fit into a terminal, what tells least goes. */
export function progressLine(
  progress: JobProgress,
  rates: Rates,
  { elapsedMs, columns = Number.POSITIVE_INFINITY }: { elapsedMs: number; columns?: number },
): string {
  const late = progress.operators.reduce((sum, operator) => sum + operator.late, 0);
  const { ms, idle } = combineWatermarks(
    progress.operators.map((operator) => ({ ms: operator.watermarkMs, idle: operator.idle })),
  );
  const slowest = { watermarkMs: ms, idle };
  const parts = {
    elapsed: readableDuration(elapsedMs),
    records: `${readableCount(progress.records)} records`,
    rate: `${readableCount(rates.records)}/s`,
    watermark: `watermark ${watermarkText(progress, slowest)}`,
    state: `state ${readableBytes(progress.stateBytes)}`,
    late: `late ${readableCount(late)}`,
    dead: `dead letters ${readableCount(progress.deadLetters)}`,
  };
  const short = { ...parts, watermark: `watermark ${shortWatermark(slowest)}` };
  const tried = [
    parts,
    ...lineGivesWay.map((_, at) => without(short, lineGivesWay.slice(0, at))),
    without(short, lineGivesWay),
  ].map((kept) => Object.values(kept).join("  "));
  return tried.find((line) => line.length <= columns) ?? tried[tried.length - 1]!;
}

const lineGivesWay = ["state", "rate", "late", "records", "elapsed"] as const;

const without = (
  parts: Readonly<Record<string, string>>,
  gone: readonly string[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(parts).filter(([name]) => !gone.includes(name)));

const heads = ["operator", "records/s", "records", "watermark", "state", "late", "dead"];
const toTheRight = ["records/s", "records", "state", "late", "dead"];
const givesWay = ["state", "records", "records/s", "late"];

/** A header and a line for each operator; in a narrow terminal without what tells least, but with watermark and dead letters. */
export function operatorLines(
  progress: JobProgress,
  rates: Rates,
  columns: number = Number.POSITIVE_INFINITY,
): readonly string[] {
  const rowsWith = (watermark: (operator: OperatorProgress) => string) =>
    progress.operators.map((operator) => [
      operator.name,
      readableCount(rates.operators[operator.name] ?? 0),
      readableCount(operator.received),
      watermark(operator),
      readableBytes(operator.stateBytes),
      readableCount(operator.late),
      readableCount(operator.deadLetters),
    ]);
  const full = tableLines(
    heads,
    rowsWith((operator) => watermarkText(progress, operator)),
    toTheRight,
  );
  if (full.every(({ length }) => length <= columns)) return full;
  return fittingLines(heads, rowsWith(shortWatermark), { toTheRight, columns, givesWay });
}

type Watermark = Pick<OperatorProgress, "watermarkMs" | "idle">;

const shortWatermark = ({ watermarkMs, idle }: Watermark): string =>
  `${readableTime(watermarkMs)}${idle ? " idle" : ""}`;

function watermarkText(progress: JobProgress, { watermarkMs, idle }: Watermark): string {
  const lag = watermarkLag(progress, watermarkMs);
  const behind = lag === undefined ? "" : ` (${readableDuration(lag.lagMs)} behind ${lag.behind})`;
  return `${readableTime(watermarkMs)}${behind}${idle ? " idle" : ""}`;
}

export function endLines(runEnd: RunEnd): readonly string[] {
  const { progress, recordsOfRun, elapsedMs, sinks, deadLettersOfRun } = runEnd;
  const rate = elapsedMs > 0 ? recordsOfRun / (elapsedMs / 1_000) : 0;
  const late = progress.operators.reduce((sum, operator) => sum + operator.late, 0);
  return [
    howItEnded(runEnd),
    `  ${readableCount(recordsOfRun)} records in ${readableDuration(elapsedMs)}, ${readableCount(rate)}/s; ${readableCount(progress.records)} in all`,
    ...sinks.map(sinkLine),
    `  late ${readableCount(late)}, dead letters ${readableCount(progress.deadLetters)}`,
    ...(deadLettersOfRun === 0 ? [] : [deadLetterHint(runEnd)]),
  ];
}

function sinkLine({ uid, target, results, rows }: SinkResults): string {
  const given = `${readableCount(results)} ${results === 1 ? "result" : "results"} of ${uid}`;
  return rows === undefined
    ? `  ${target}: ${given}`
    : `  ${target}: ${readableCount(rows)} ${rows === 1 ? "row" : "rows"}, by ${given}`;
}

function deadLetterHint({ resumable }: RunEnd): string {
  return resumable
    ? '  what was refused, and why: "millrace deadletters list" with the same --dir'
    : '  give --dir, and "millrace deadletters list" says what was refused, and why';
}

function howItEnded({ end, outcome, resumable }: RunEnd): string {
  if (outcome?.savepoint !== undefined)
    return `stopped with savepoint ${outcome.savepoint}; go on from it with "millrace restore"`;
  if (outcome !== undefined)
    return `${outcome.how}; go on from a checkpoint with "millrace restore"`;
  if (end === "ended") return "ended: all streams are over and all is delivered";
  return `stopped; ${resumable ? "run the same command to resume" : "nothing was kept; give --dir to be able to resume"}`;
}

/** Where the console is served. */
export const consoleLine = (url: string): string => `console: ${url}`;
