import { faultNames } from "./faults.ts";
import type { SeedReport } from "./run-seed.ts";

/** What many seeds have done, added up. Plain data: workers send it to each other. */
export interface Distribution {
  runs: number;
  counted: number;
  failed: number;
  /** By shape: runs. */
  readonly shapes: Record<string, number>;
  /** By fault: firings, and seeds in which it fired. */
  readonly faults: Record<string, readonly [firings: number, seeds: number]>;
  /** By figure: sum and maximum. */
  readonly figures: Record<string, readonly [sum: number, max: number]>;
}

export function emptyDistribution(): Distribution {
  return { runs: 0, counted: 0, failed: 0, shapes: {}, faults: {}, figures: {} };
}

export function addReport(distribution: Distribution, report: SeedReport): void {
  const { shapes, faults, figures } = distribution;
  distribution.runs += 1;
  if (report.counted) distribution.counted += 1;
  if (report.failures.length > 0) distribution.failed += 1;
  shapes[report.shape] = (shapes[report.shape] ?? 0) + 1;
  for (const [name, count] of Object.entries(report.faults)) {
    const [firings, seeds] = faults[name] ?? [0, 0];
    faults[name] = [firings + count, seeds + 1];
  }
  for (const [name, figure] of Object.entries(report.figures)) {
    const [sum, max] = figures[name] ?? [0, 0];
    figures[name] = [sum + figure, Math.max(max, figure)];
  }
}

export function addDistribution(total: Distribution, part: Distribution): void {
  total.runs += part.runs;
  total.counted += part.counted;
  total.failed += part.failed;
  for (const [name, runs] of Object.entries(part.shapes))
    total.shapes[name] = (total.shapes[name] ?? 0) + runs;
  for (const [name, [firings, seeds]] of Object.entries(part.faults)) {
    const [before, seedsBefore] = total.faults[name] ?? [0, 0];
    total.faults[name] = [before + firings, seedsBefore + seeds];
  }
  for (const [name, [sum, max]] of Object.entries(part.figures)) {
    const [before, maxBefore] = total.figures[name] ?? [0, 0];
    total.figures[name] = [before + sum, Math.max(maxBefore, max)];
  }
}

/** The distribution as lines for a terminal. */
export function describeDistribution(distribution: Distribution): readonly string[] {
  const { runs, counted, failed, shapes, faults, figures } = distribution;
  const share = (count: number): string => `${((100 * count) / Math.max(1, runs)).toFixed(1)} %`;
  const never = faultNames.filter((name) => faults[name] === undefined);
  return [
    `${runs} runs, ${counted} counted (${share(counted)}), ${failed} failed`,
    `shapes: ${Object.entries(shapes)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ")}`,
    "",
    `${"fault".padEnd(24)}${"firings".padStart(10)}${"in seeds".padStart(10)}`,
    ...faultNames
      .filter((name) => faults[name] !== undefined)
      .map((name) => {
        const [firings, seeds] = faults[name] ?? [0, 0];
        return `${name.padEnd(24)}${String(firings).padStart(10)}${share(seeds).padStart(10)}`;
      }),
    ...(never.length === 0 ? [] : [`never fired: ${never.join(", ")}`]),
    "",
    `${"figure".padEnd(24)}${"mean".padStart(10)}${"max".padStart(10)}`,
    ...Object.entries(figures)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(
        ([name, [sum, max]]) =>
          `${name.padEnd(24)}${(sum / Math.max(1, runs)).toFixed(2).padStart(10)}${String(max).padStart(10)}`,
      ),
  ];
}
