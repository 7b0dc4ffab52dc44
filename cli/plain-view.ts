import { reportLimiter } from "./report-limiter.ts";
import { consoleLine, endLines, progressLine, startLines } from "./progress-text.ts";
import type { ProgressView } from "./progress-view.ts";
import { writtenLines } from "./shown-rows.ts";
import type { TextOutput } from "./text-output.ts";

const everyMs = 1_000;

/** Plain lines: one a second. */
export function plainView(output: TextOutput): ProgressView {
  let shownMs = 0;
  const line = (text: string): void => void output.write(`${text}\n`);
  const limit = reportLimiter();
  return {
    start: (start) => startLines(start).forEach(line),
    progress(progress, rates, elapsedMs) {
      if (elapsedMs - shownMs < everyMs) return;
      shownMs = elapsedMs;
      line(progressLine(progress, rates, { elapsedMs }));
    },
    rows: (written) => written.flatMap(writtenLines).forEach(line),
    report: (report) => limit(report).forEach(line),
    printed: line,
    note: line,
    console: (url) => line(consoleLine(url)),
    end: (end) => endLines(end).forEach(line),
  };
}
