import type { RunReport } from "../dev/index.ts";

const shownMax = 5;

/** A failing job reports the same thing again and again: the first few of each code are shown in full. */
export function reportLimiter(): (report: RunReport) => readonly string[] {
  const counts = new Map<string, number>();
  return ({ kind, code, message }) => {
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    const line = `${kind} ${code}: ${message}`;
    if (count < shownMax) return [line];
    return count === shownMax ? [line, `  (more of ${code} are not shown)`] : [];
  };
}
