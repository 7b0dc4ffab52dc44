import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { selection, tumblingCount } from "./bid-jobs.ts";
import type { bidLines } from "./bids.ts";
import type { benchMainJob } from "./main-job.ts";
import type { nexmarkLines } from "./nexmark/generator.ts";
import type { queries, QueryName } from "./nexmark/queries.ts";
import type { runQuery } from "./nexmark/run-query.ts";
import type { measureHandler } from "./process-handler.ts";
import { type SimulatedRuns, simulatedRuns } from "./simulated-runs.ts";

/** What is taken from the checkout: both must have it alike. */
interface Bench {
  readonly bidLines: typeof bidLines;
  readonly selection: typeof selection;
  readonly tumblingCount: typeof tumblingCount;
  readonly measureHandler: typeof measureHandler;
  readonly benchMainJob: typeof benchMainJob;
}

/** The same of Nexmark, where the checkout has it. */
interface Nexmark {
  readonly nexmarkLines: typeof nexmarkLines;
  readonly queries: typeof queries;
  readonly runQuery: typeof runQuery;
}

/** What is measured, by name: events per CPU-second, and runs of the simulator. */
const cases: Record<string, (bench: Bench, events: number) => Promise<number>> = {
  "stateless, 1 line": ({ measureHandler, selection, bidLines }, events) =>
    measureHandler(selection("json"), 1, bidLines(events)),
  "stateless, 100 lines": ({ measureHandler, selection, bidLines }, events) =>
    measureHandler(selection("json-lines"), 100, bidLines(events)),
  "aligned, 1 line": ({ measureHandler, tumblingCount, bidLines }, events) =>
    measureHandler(tumblingCount("json", true), 1, bidLines(events)),
  "exchange, 1 line": ({ measureHandler, tumblingCount, bidLines }, events) =>
    measureHandler(tumblingCount("json", false), 1, bidLines(events)),
  "exchange, 100 lines": ({ measureHandler, tumblingCount, bidLines }, events) =>
    measureHandler(tumblingCount("json-lines", false), 100, bidLines(events)),
  "main job": async ({ benchMainJob }, events) =>
    (await benchMainJob(events, [1], 1))[0]?.eventsPerCpuSecond ?? 0,
  simulator: async () => {
    simulated ??= await simulatedRuns(checkout);
    return await simulated.measure(seed++);
  },
};

/** Batches of few records, by which every call of a store and every load of a slot counts. Both checkouts run the same seeds. */
let simulated: SimulatedRuns | undefined;
let seed = 1;

/** Measures the checkout that it is started for, case by case as it is asked. */
const checkout = process.argv[2] as string;
const load = async (file: string): Promise<object> =>
  (await import(pathToFileURL(join(checkout, "bench", file)).href)) as object;
const bench = Object.assign(
  {},
  await load("process-handler.ts"),
  await load("main-job.ts"),
  await load("bid-jobs.ts"),
  await load("bids.ts"),
) as Bench;

if (existsSync(join(checkout, "bench", "nexmark"))) {
  const nexmark = Object.assign(
    {},
    await load("nexmark/generator.ts"),
    await load("nexmark/queries.ts"),
    await load("nexmark/run-query.ts"),
  ) as Nexmark;
  // Generated once: both checkouts get the same events.
  let lines: readonly string[] = [];
  for (const name of Object.keys(nexmark.queries) as QueryName[])
    cases[`nexmark ${name}`] = async (_, count) => {
      if (lines.length !== count) lines = [...nexmark.nexmarkLines({ count })];
      return count / (await nexmark.runQuery({ name, lines })).cpuSeconds;
    };
}

process.on("disconnect", () => void simulated?.close());
process.on("message", ({ name, events }: { name: string; events: number }) => {
  const measure = cases[name];
  if (measure === undefined) throw new Error(`There is no case "${name}".`);
  void measure(bench, events).then((figure) => process.send?.(figure));
});
process.send?.(Object.keys(cases));
