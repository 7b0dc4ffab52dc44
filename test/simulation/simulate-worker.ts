import { parentPort } from "node:worker_threads";
import { addReport, type Distribution, emptyDistribution } from "./distribution.ts";
import { runSeed, type SeedReport } from "./run-seed.ts";
import { shapes } from "./shapes/index.ts";

/** Seeds that a worker is to run. */
export interface Range {
  readonly shapes: readonly string[];
  readonly first: number;
  readonly count: number;
}

export interface RangeMessage {
  readonly distribution: Distribution;
  readonly failures: readonly SeedReport[];
}

parentPort?.on("message", (range: Range) => {
  void runRange(range).then((message) => parentPort?.postMessage(message));
});

async function runRange({ shapes: names, first, count }: Range): Promise<RangeMessage> {
  const distribution = emptyDistribution();
  const failures: SeedReport[] = [];
  for (let seed = first; seed < first + count; seed++) {
    for (const shape of shapes.filter(({ name }) => names.includes(name))) {
      const report = await runSeed({ shape, seed });
      addReport(distribution, report);
      if (report.failures.length > 0) failures.push(report);
    }
  }
  return { distribution, failures };
}
