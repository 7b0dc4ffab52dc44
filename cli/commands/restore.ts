import { argument } from "../definition/argument.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import { anyText, flag, optional, pair, repeated, wholeNumber } from "../definition/option.ts";
import { referenceNote } from "./checkpoint.ts";
import { storeOptionDefinitions } from "./store-options.ts";

const shards = wholeNumber({ min: 1, max: 10_000 });

const options = {
  name: optional("job", "restore into another job: a fork", anyText),
  "allow-non-restored-state": flag(
    "leave the state of operators behind that the job does not have any more",
  ),
  shards: optional("n", "with --dir: shards of new source streams", shards),
  "exchange-shards": optional(
    "n",
    "with --dir: shards of the new exchange; it is resharded",
    shards,
  ),
  "exchange-stream": optional(
    "name",
    "a deployment's exchange (default: MILLRACE_EXCHANGE_STREAM)",
    anyText,
  ),
  stream: repeated(
    "job=AWS",
    "a stream's name in the job, and in AWS (default: MILLRACE_STREAMS); repeat it for several",
    pair("<name in the job>=<name in AWS>"),
  ),
  ...storeOptionDefinitions,
};
const args = [
  argument("ref", "the name of a checkpoint or savepoint"),
  argument("job.ts", "the file of a job"),
] as const;

export type RestoreGiven = Given<typeof options, typeof args>;

export const restore = defineCommand({
  brief: "go on from a checkpoint, with a changed job or another number of shards too",
  options,
  args,
  notes: [referenceNote],
  examples: [
    { line: "latest job.ts --dir run", effect: "from the newest checkpoint or savepoint" },
    { line: "before-change job.ts --dir run --name shop-b", effect: "as another job" },
  ],
  load: async () => (await import("../restore-command.ts")).restoreCommand,
});
