import { inputFormats } from "../../input/input-format.ts";
import { argument } from "../definition/argument.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import { anyText, oneOf, optional, wholeNumber } from "../definition/option.ts";
import { storeOptionDefinitions } from "./store-options.ts";

const { dir, outputs, job, region, json } = storeOptionDefinitions;
const options = {
  "job-file": optional(
    "job.ts",
    "the job that reads the stream: records are made as its source reads them, and rows of tables get its types (default: JSON, with texts in rows)",
    anyText,
  ),
  format: optional(
    "format",
    `what the files hold: ${inputFormats.join(", ")} (default: what each seems to hold)`,
    oneOf(inputFormats),
  ),
  key: optional(
    "field",
    "field that is the partition key of the records (default: the document's number)",
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
  argument("path", 'a file, a folder or a pattern, or "-" for standard input'),
] as const;

export type PutGiven = Given<typeof options, typeof args>;

export const put = defineCommand({
  brief: "put the documents of files into a stream as records",
  options,
  args,
  notes: [
    "Files hold what --input of dev takes: JSON lines, arrays or documents, CSV or TSV, with gzip or zstd or without. Each document is a record. What a stream refuses for the moment is put again before anything behind it. Without --dir and --outputs the stream is that which MILLRACE_STREAMS names, as a local deployment prints it.",
    "A put into a stream of a folder is for a job that does not feed the same stream with --input.",
  ],
  examples: [
    {
      line: "orders orders.csv.gz --job-file job.ts --dir run",
      effect: "rows of a table, with the types that the job's source wants",
    },
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
