import { argument } from "../definition/argument.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import { anyText, optional, wholeNumber } from "../definition/option.ts";
import { storeOptionDefinitions } from "./store-options.ts";

const { dir, outputs, job, region, json } = storeOptionDefinitions;
const options = {
  key: optional(
    "field",
    "field that is the partition key of the records (default: the line's number)",
    anyText,
  ),
  rate: optional(
    "n",
    "records per second at most (default: as fast as the stream takes them)",
    wholeNumber({ min: 1, max: 1_000_000 }),
  ),
  skip: optional(
    "n",
    "records at the beginning that are left out: where an earlier put ended",
    wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  ),
  dir,
  outputs,
  job,
  region,
  json,
};
const args = [
  argument("stream", "a stream, by the name that the job gives it"),
  argument("file", 'a file of JSON lines, or "-" for standard input'),
] as const;

export type PutGiven = Given<typeof options, typeof args>;

export const put = defineCommand({
  brief: "put the lines of a file into a stream as records",
  options,
  args,
  notes: [
    "Each line that is not empty is a record. What a stream refuses for the moment is put again before anything behind it. Without --dir and --outputs the stream is that which MILLRACE_STREAMS names, as a local deployment prints it.",
    "A put into a stream of a folder is for a job that does not feed the same stream with --input.",
  ],
  examples: [
    {
      line: "orders orders.jsonl --key customer --dir run",
      effect: "for a job that runs with --dir run --no-end, or will",
    },
    {
      line: "orders - --outputs .millrace/outputs.json",
      effect: "from a pipe into a deployed job's stream",
    },
  ],
  load: async () => (await import("../put-command.ts")).putCommand,
});
