import { written } from "../runtime/job/progress.ts";
import type { JobProgress } from "../runtime/observe/job-progress.ts";
import type { ProgressView } from "./progress-view.ts";
import type { TextOutput } from "./text-output.ts";
import { watermarkLag } from "../runtime/observe/watermark-lag.ts";

/**
 * One JSON object per line, told apart by `type`: "start" or "resume", "progress", "alarm" and "warning" (with `detail`, an object), "error" (that
 * the run survives, unless `fatal`), "rows", "printed", "note", "console", "end". Times in ms; a watermark is a number, "none" or "end".
 */
export function jsonView(output: TextOutput): ProgressView {
  const line = (type: string, content: object): void =>
    void output.write(`${JSON.stringify({ type, ...content })}\n`);
  return {
    start({ before, ...start }) {
      if (before === undefined) return line("start", start);
      const { progress, ...rest } = before;
      line("resume", { ...start, ...rest, ...progressJson(progress) });
    },
    progress: (progress, rates, elapsedMs) =>
      line("progress", {
        elapsedMs,
        recordsPerSecond: Math.round(rates.records),
        ...progressJson(progress, rates.operators),
      }),
    rows: (written) => written.forEach((rows) => line("rows", rows)),
    report(report) {
      if (report.kind === "alarm") line("alarm", report);
      else if (report.kind === "warning") line("warning", report);
      else line("error", { ...report, fatal: false });
    },
    printed: (text) => line("printed", { text }),
    note: (text) => line("note", { text }),
    console: (url) => line("console", { url }),
    end: ({ progress, ...end }) => line("end", { ...end, ...progressJson(progress) }),
  };
}

function progressJson(progress: JobProgress, rates?: Readonly<Record<string, number>>): object {
  const operators = progress.operators.map(({ watermarkMs, ...operator }) => {
    const lag = watermarkLag(progress, watermarkMs);
    return {
      ...operator,
      watermarkMs: written(watermarkMs),
      ...(lag === undefined ? {} : { lagMs: lag.lagMs, lagBehind: lag.behind }),
      ...(rates === undefined ? {} : { recordsPerSecond: Math.round(rates[operator.name] ?? 0) }),
    };
  });
  return { ...progress, operators };
}
