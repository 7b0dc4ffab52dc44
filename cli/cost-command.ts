import { loadPlan } from "../bundle/index.ts";
import {
  defaultWorkload,
  type Estimate,
  estimateCost,
  prices,
  type Workload,
} from "../cost/index.ts";
import { type Answer, answering } from "./answer.ts";
import type { CostGiven } from "./commands/cost.ts";
import { readableCount } from "./readable.ts";
import { tableLines } from "./table-lines.ts";

/** The options, and what of a workload each says. */
const options = {
  "events-per-second": "eventsPerSecond",
  "event-bytes": "eventBytes",
  "element-bytes": "elementBytes",
  keys: "keysPerBatch",
  "rows-per-second": "rowsPerSecond",
  "row-bytes": "rowBytes",
  "source-shards": "sourceShards",
  "exchange-shards": "exchangeShards",
  window: "windowSeconds",
  "batch-size": "batchSize",
  memory: "memoryMiB",
  "state-gib": "stateGib",
} as const satisfies Readonly<Record<string, keyof Workload>>;

type Option = keyof typeof options;

/** A shard takes so much: `millrace cost` says so where a load needs more of them. */
const shardRecords = 1_000;
const shardBytes = 1_048_576;

/** `millrace cost`: what a job costs in a month, by service. Answers the exit code. */
export async function costCommand({ values, args: [jobFile] }: CostGiven): Promise<number> {
  const load = workloadOf(values);
  return await answering({ json: values.json }, async () => {
    const { job, stages } = loadPlan(jobFile);
    const shape = { hasExchange: stages.some(({ kind }) => kind === "exchange") };
    return answerOf(job, load, estimateCost(shape, load));
  });
}

function workloadOf(values: Readonly<Record<Option, number>>): Workload {
  const given = (Object.keys(options) as readonly Option[]).map(
    (option) => [options[option], values[option]] as const,
  );
  return {
    ...defaultWorkload,
    ...(Object.fromEntries(given) as Record<(typeof options)[Option], number>),
  };
}

function answerOf(job: string, load: Workload, estimate: Estimate): Answer {
  const { lines, usd, sharedUsd, managedFlink, requests } = estimate;
  const flinkUsd = managedFlink.usd + sharedUsd;
  const rows = lines.map(({ service, what, amount, usd: each }) => [
    service,
    readableAmount(amount),
    what,
    each.toFixed(2),
  ]);
  return {
    json: { type: "cost", job, region: prices.region, asOf: prices.asOf, load, ...estimate },
    text: [
      `job ${job}, ${readableCount(load.eventsPerSecond)} events a second, ${prices.region}, list prices of ${prices.asOf}, US dollars a month`,
      ...tableLines(["service", "amount", "of", "dollars"], rows, ["amount", "dollars"]).map(
        (text) => `  ${text}`,
      ),
      `  in all ${usd.toFixed(2)}, of which ${sharedUsd.toFixed(2)} for the source streams and the sinks' rows`,
      `Managed Service for Apache Flink: from ${flinkUsd.toFixed(2)} for the same (${managedFlink.kpus} KPUs with storage, source streams and rows): ${comparison(usd, flinkUsd)}`,
      "  its need of KPUs is a guess of 10,000 events a second each; what a job really needs must be measured",
      ...warnings(load, requests.producerPutUnits),
    ],
  };
}

function comparison(usd: number, flinkUsd: number): string {
  const ratio = flinkUsd / usd;
  return ratio >= 1
    ? `${ratio.toFixed(1)} times as much`
    : `cheaper, by ${(usd - flinkUsd).toFixed(2)}`;
}

function warnings(load: Workload, putUnits: number): readonly string[] {
  const { eventsPerSecond, eventBytes, sourceShards } = load;
  const needed = Math.max(
    Math.ceil(eventsPerSecond / shardRecords),
    Math.ceil((eventsPerSecond * eventBytes) / shardBytes),
  );
  if (putUnits === 0 || needed <= sourceShards) return [];
  return [
    `note: such a load needs ${needed} source shards at least; --source-shards is ${sourceShards}`,
  ];
}

function readableAmount(amount: number): string {
  return amount >= 100 ? readableCount(amount) : amount.toFixed(2);
}
