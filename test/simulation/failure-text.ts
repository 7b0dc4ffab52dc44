import { faultNames } from "./faults.ts";
import { runSeed, type SeedReport } from "./run-seed.ts";
import type { Shape } from "./shape.ts";
import { shrink } from "./shrink.ts";
import { ringTrace } from "./trace.ts";

export interface FailureOptions {
  readonly shape: Shape;
  readonly report: SeedReport;
  /** Lines of the trace that are shown. */
  readonly linesMax: number;
  /** Runs that looking for a smaller schedule may take; 0 for none. */
  readonly shrinkRunsMax: number;
}

/** Everything that a person needs to understand a failing seed, as lines. */
export async function describeFailure(options: FailureOptions): Promise<readonly string[]> {
  const { shape, report, linesMax, shrinkRunsMax } = options;
  const { seed } = report;
  const small = await shrink({ shape, report, runsMax: shrinkRunsMax });
  const trace = ringTrace(linesMax);
  const { suppressed, recordsMax } = small;
  await runSeed({ shape, seed, suppressed, recordsMax, trace: trace.add });
  const left = faultNames.filter((name) => small.report.faults[name] !== undefined);
  const firings = [...suppressed.firings].sort((one, other) => one - other);
  const command = [
    `npm run simulate -- --shape ${shape.name} --seed ${seed}`,
    ...(suppressed.kinds.size > 0 ? [`--without ${[...suppressed.kinds].join(",")}`] : []),
    ...(firings.length > 0 ? [`--without-firings ${firings.join(",")}`] : []),
    ...(recordsMax === undefined ? [] : [`--records ${recordsMax}`]),
  ].join(" ");
  return [
    `FAILED: shape ${shape.name}, seed ${seed}`,
    ...report.failures.slice(0, 8).map((failure) => `  ${failure}`),
    `  shrunk in ${small.runs} runs to ${left.map((name) => `${name} × ${small.report.faults[name]}`).join(", ") || "no faults"}` +
      (recordsMax === undefined ? "" : ` and ${recordsMax} records`),
    ...(small.report.failures[0] === report.failures[0]
      ? []
      : [`  then it says: ${small.report.failures[0]}`]),
    `  the last of ${small.report.figures["steps"]} steps:`,
    ...trace.lines().map((line) => `    ${line}`),
    `  replay the seed:     npm run simulate -- --shape ${shape.name} --seed ${seed}`,
    `  replay what is left: ${command}`,
  ];
}
