import { consoleLine, endLines, operatorLines, progressLine, startLines } from "./progress-text.ts";
import type { ProgressView } from "./progress-view.ts";
import { reportLimiter } from "./report-limiter.ts";
import { writtenLines } from "./shown-rows.ts";
import type { TextOutput } from "./text-output.ts";

const eraseBelow = "\u001b[J";
const up = (lines: number): string => (lines === 0 ? "" : `\u001b[${lines}A\r`);
const defaultColumns = 120;

/** Live: a block of a line per operator, redrawn in place below all that is said once. */
export function terminalView(output: TextOutput): ProgressView {
  let block: readonly string[] = [];
  // A line as long as the terminal is wide would be followed by an empty one.
  const width = (): number => (output.columns ?? defaultColumns) - 1;
  const limit = reportLimiter();

  /** Writes lines that stay, and the block below them. */
  function draw(lines: readonly string[], next: readonly string[]): void {
    const cut = next.map((line) => line.slice(0, width()));
    const text = [...lines, ...cut].map((line) => `${line}\n`).join("");
    output.write(`${up(block.length)}${eraseBelow}${text}`);
    block = cut;
  }

  return {
    start: (start) => draw(startLines(start), []),
    progress: (progress, rates, elapsedMs) =>
      draw(
        [],
        [
          progressLine(progress, rates, { elapsedMs, columns: width() }),
          ...operatorLines(progress, rates, width()),
        ],
      ),
    rows: (written) => draw(written.flatMap(writtenLines), block),
    report: (report) => draw(limit(report), block),
    printed: (text) => draw([text], block),
    note: (text) => draw([text], block),
    console: (url) => draw([consoleLine(url)], block),
    end: (end) => draw([...block, ...endLines(end)], []),
  };
}
