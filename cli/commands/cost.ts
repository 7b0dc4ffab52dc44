import { defaultWorkload, type Workload } from "../../cost/workload.ts";
import { argument } from "../definition/argument.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import { amount, defaulted, required } from "../definition/option.ts";
import { jsonOption } from "./store-options.ts";

type Field = Exclude<keyof Workload, "eventsPerSecond">;

const ofLoad = (field: Field, brief: string, placeholder = "n") =>
  defaulted(String(defaultWorkload[field]), {
    placeholder,
    brief,
    parse: amount({ above: aboveZero.includes(field) }),
  });
const aboveZero: readonly Field[] = [
  "sourceShards",
  "exchangeShards",
  "windowSeconds",
  "batchSize",
];

const options = {
  "events-per-second": required(
    "n",
    "the load, all the month; a record is an event",
    amount({ above: false }),
  ),
  "event-bytes": ofLoad("eventBytes", "bytes of a record"),
  "element-bytes": ofLoad(
    "elementBytes",
    "bytes of an element on its way to a keyed stage, encoded and compressed",
  ),
  keys: ofLoad("keysPerBatch", "different keys in a batch of an exchange slot"),
  "rows-per-second": ofLoad("rowsPerSecond", "rows that the sinks write"),
  "row-bytes": ofLoad("rowBytes", "bytes of a row"),
  "source-shards": ofLoad("sourceShards", "shards of the source streams"),
  "exchange-shards": ofLoad("exchangeShards", "shards of the exchange"),
  window: ofLoad("windowSeconds", "batch window", "s"),
  "batch-size": ofLoad("batchSize", "records of a batch at most"),
  memory: ofLoad("memoryMiB", "of the process function", "MiB"),
  "state-gib": ofLoad("stateGib", "state of the job", "GiB"),
  ...jsonOption,
};
const args = [argument("job.ts", "the file of a job")] as const;

export type CostGiven = Given<typeof options, typeof args>;

export const cost = defineCommand({
  brief: "estimate what a deployed job costs in a month",
  options,
  args,
  examples: [
    { line: "job.ts --events-per-second 200", effect: "by service, beside a managed Flink" },
  ],
  load: async () => (await import("../cost-command.ts")).costCommand,
});
