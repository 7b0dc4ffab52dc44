import { shownAtOnceMax } from "../../dev/watched-tables.ts";
import { inputFormats } from "../../input/input-format.ts";
import { allowOrigin } from "./allow-origin-option.ts";
import { argument } from "../definition/argument.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import {
  anyText,
  bareOrWith,
  defaulted,
  flag,
  optional,
  pair,
  repeated,
  wholeNumber,
} from "../definition/option.ts";

const portRange = wholeNumber({ min: 1, max: 65_535 });
const inspectPort = 9_229;
const portOf = (text: string): number => (text === "" ? inspectPort : portRange(text));

const shards = wholeNumber({ min: 1, max: 10_000 });

const options = {
  dir: optional(
    "folder",
    "where streams, tables and state are kept; the same command resumes there (default: a temporary folder, removed at the end)",
    anyText,
  ),
  name: optional("job", "run it under another name, for example a fork", anyText),
  workers: defaulted("1", {
    placeholder: "n",
    brief: "threads that serve the slots: as many cores are used",
    parse: wholeNumber({ min: 1, max: 256 }),
  }),
  shards: defaulted("2", {
    placeholder: "n",
    brief: "shards of each source stream, where it is new",
    parse: shards,
  }),
  "exchange-shards": optional(
    "n",
    "shards of the exchange, where it is new (default: the greater of 2 and --workers)",
    shards,
  ),
  input: repeated(
    "stream=path",
    'feeds a file, or the files of a folder or a pattern, into a source stream: JSON lines, arrays or documents, CSV or TSV, with gzip or zstd or without; "-" is standard input. A restart goes on where an input was left. Repeat it for several streams',
    pair("<stream>=<file, folder or pattern>"),
  ),
  format: repeated(
    "stream=format",
    `what the files of --input hold: ${inputFormats.join(", ")} (default: what each seems to hold)`,
    pair("<stream>=<format>"),
  ),
  key: repeated(
    "stream=field",
    "field that is the partition key of --input's records (default: the document's number)",
    pair("<stream>=<field>"),
  ),
  rate: optional(
    "n",
    "records per second from each --input (default: as fast as the job takes them)",
    wholeNumber({ min: 1, max: 1e9 }),
  ),
  "no-end": flag(
    "leave a fed stream open at the end of its input (default: it ends, and with it the job)",
  ),
  show: optional(
    "n",
    "rows of each table that are shown as they are written, at a time (default: 5; 0 for none)",
    wholeNumber({ min: 0, max: shownAtOnceMax }),
  ),
  quiet: flag("show no rows"),
  port: optional(
    "n",
    "serve the console there, to this machine only; 0 for a port that is free (default: 0 at a terminal, else no console)",
    wholeNumber({ min: 0, max: 65_535 }),
  ),
  "no-console": flag("serve no console"),
  "allow-origin": allowOrigin,
  "allow-dead-letters": flag("records that were refused are no failure: exit code 0 instead of 3"),
  watch: flag(
    "begin anew whenever a file changes that the job is made of, with its state where the new version's plan fits",
  ),
  inspect: bareOrWith(
    "port",
    "wait for a debugger, such as that of an editor or chrome://inspect, before the job's code is loaded (default: 9229)",
    portOf,
  ),
  json: flag(
    'one JSON object per line: "start" or "resume", "progress", "alarm", "warning", "error", "rows" with --show, "console" with --port, "end"',
  ),
};
const args = [argument("job.ts", "the file of a job")] as const;

export type DevGiven = Given<typeof options, typeof args>;

export const dev = defineCommand({
  brief: "run a job on this machine",
  options,
  args,
  notes: [
    "Ctrl-C stops after the batches under way; twice, at once. What the job's code prints goes to standard error.",
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but for records that were refused, 130 interrupted.",
  ],
  examples: [
    {
      line: "job.ts --watch --input orders=orders.jsonl",
      effect: "runs the job over the file again and again while it is written",
    },
    {
      line: "job.ts --input orders=orders.jsonl",
      effect: "runs the job over a file, in a folder that is removed at the end",
    },
    {
      line: "job.ts --dir run --input orders=orders.jsonl --key orders=customer",
      effect: "keeps all of it in the folder run, where the same command goes on",
    },
  ],
  load: async () => {
    const { devCommand } = await import("../dev.ts");
    return async (given) => {
      if (!given.values.watch && given.values.inspect === undefined) return await devCommand(given);
      return await (await import("../dev-apart.ts")).devApart(given);
    };
  },
});
