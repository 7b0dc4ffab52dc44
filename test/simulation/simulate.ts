import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { bundleSimulator } from "./bundle-simulator.ts";
import {
  addDistribution,
  describeDistribution,
  type Distribution,
  emptyDistribution,
} from "./distribution.ts";
import { describeFailure } from "./failure-text.ts";
import { type FaultName, faultNames, type Suppression } from "./faults.ts";
import { runSeed, type SeedReport } from "./run-seed.ts";
import type { Range, RangeMessage } from "./simulate-worker.ts";
import type { Shape } from "./shape.ts";
import { shapes } from "./shapes/index.ts";

const usage = `Runs jobs in simulated worlds of faults.

  npm run simulate -- [options]

  --seeds N            so many seeds of each shape (1)
  --seed N             beginning with this one (1); the seed alone, with its trace, where --seeds is absent
  --shape S            this shape only, of ${shapes.map(({ name }) => name).join(", ")}
  --workers N          on so many threads (as many as there are processors)
  --failures N         stop after so many failures (3)
  --without A,B        without these faults
  --without-firings N  without the firings of these numbers
  --records N          with the first N records of the feed only: results are not compared then
  --lines N            lines of the trace that are shown of a failure (80)
  --shrink N           runs that shrinking a failure may take (150)
`;

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    seed: { type: "string", default: "1" },
    shape: { type: "string" },
    workers: { type: "string", default: "0" },
    failures: { type: "string", default: "3" },
    without: { type: "string" },
    "without-firings": { type: "string" },
    records: { type: "string" },
    lines: { type: "string", default: "80" },
    shrink: { type: "string", default: "150" },
    help: { type: "boolean", default: false },
  },
});

const chosen = shapes.filter(({ name }) => values.shape === undefined || name === values.shape);
if (values.help || chosen.length === 0) console.log(usage);
else if (values.seeds === undefined) await replay(chosen, Number(values.seed));
else await simulate(chosen, Number(values.seed), Number(values.seeds));

/** Runs one seed and shows all of it. */
async function replay(chosen: readonly Shape[], seed: number): Promise<void> {
  const linesMax = Number(values.lines);
  const lines: string[] = [];
  for (const shape of chosen) {
    lines.length = 0;
    const report = await runSeed({
      shape,
      seed,
      suppressed: suppression(),
      recordsMax: values.records === undefined ? undefined : Number(values.records),
      trace: (line) => lines.push(line),
    });
    for (const line of lines.slice(-linesMax)) console.log(line);
    console.log(JSON.stringify({ ...report, firings: undefined }, undefined, 2));
    if (report.failures.length > 0) process.exitCode = 1;
  }
}

function suppression(): Suppression {
  const names = values.without?.split(",") ?? [];
  const kinds = new Set(
    names.filter((name): name is FaultName => faultNames.includes(name as FaultName)),
  );
  const firings = new Set(values["without-firings"]?.split(",").map(Number));
  return { kinds, firings };
}

/** Runs many seeds of each shape on workers, shows progress, failures and the distribution. */
async function simulate(chosen: readonly Shape[], first: number, count: number): Promise<void> {
  const total = emptyDistribution();
  const failed: SeedReport[] = [];
  const failuresMax = Number(values.failures);
  const workerCount = Number(values.workers) || availableParallelism();
  const startMs = performance.now();
  const all = chosen.length * count;
  let shownMs = startMs;
  const rangeSize = Math.max(1, Math.min(25, Math.floor(count / workerCount)));
  const ranges: Range[] = [];
  for (let seed = first; seed < first + count; seed += rangeSize)
    ranges.push({
      shapes: chosen.map(({ name }) => name),
      first: seed,
      count: Math.min(rangeSize, first + count - seed),
    });

  function take({ distribution, failures }: RangeMessage): void {
    addDistribution(total, distribution);
    failed.push(...failures);
    const nowMs = performance.now();
    if (nowMs - shownMs < 5_000) return;
    shownMs = nowMs;
    console.error(
      `${total.runs} of ${all} runs, ${total.failed} failed, ${speed(total, nowMs - startMs)} a second`,
    );
  }

  const folder = await mkdtemp(join(tmpdir(), "millrace-simulator-"));
  try {
    const worker = join(folder, "simulate-worker.mjs");
    await bundleSimulator({ entry: "simulate-worker.ts", outfile: worker });
    const next = () => (failed.length < failuresMax ? ranges.shift() : undefined);
    await Promise.all(
      Array.from({ length: workerCount }, () => runWorker({ file: worker, next, take })),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
  for (const line of describeDistribution(total)) console.log(line);
  console.log(
    `\n${speed(total, performance.now() - startMs)} runs a second on ${workerCount} workers`,
  );
  for (const report of failed.slice(0, failuresMax)) {
    const shape = chosen.find(({ name }) => name === report.shape)!;
    const linesMax = Number(values.lines);
    const shrinkRunsMax = Number(values.shrink);
    console.log();
    for (const line of await describeFailure({ shape, report, linesMax, shrinkRunsMax }))
      console.log(line);
  }
  if (failed.length > 0) process.exitCode = 1;
}

function speed({ runs }: Distribution, durationMs: number): string {
  return ((1_000 * runs) / durationMs).toFixed(1);
}

interface WorkerRun {
  /** The bundle of simulate-worker.ts. */
  readonly file: string;
  readonly next: () => Range | undefined;
  readonly take: (message: RangeMessage) => void;
}

function runWorker({ file, next, take }: WorkerRun): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(file, {
      // Most of what a run makes dies young.
      resourceLimits: { maxYoungGenerationSizeMb: 384 },
    });
    const give = (): void => {
      const range = next();
      if (range === undefined) void worker.terminate().then(() => resolve());
      else worker.postMessage(range);
    };
    worker.on("error", reject);
    worker.on("message", (message: RangeMessage) => {
      take(message);
      give();
    });
    give();
  });
}
