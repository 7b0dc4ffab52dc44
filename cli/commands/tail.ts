import { argument } from "../definition/argument.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import { flag, optional, wholeNumber } from "../definition/option.ts";
import { whereOption } from "./selection-options.ts";
import { storeOptionDefinitions } from "./store-options.ts";

const options = {
  all: flag("begin with the rows that are there already"),
  ...whereOption,
  every: optional(
    "s",
    "seconds between two looks (default: 1; of a deployed table 10)",
    wholeNumber({ min: 1, max: 86_400 }),
  ),
  ...storeOptionDefinitions,
};
const args = [argument("table", "a table of results, or a stream")] as const;

export type TailGiven = Given<typeof options, typeof args>;

export const tail = defineCommand({
  brief: "show rows of a table of results as they change, until Ctrl-C",
  options,
  args,
  notes: [
    "Of a stream what comes is shown: with --all, from what is kept.",
    "The table is looked through again and again: of a row that changed twice between two looks the last is shown, and its text is kept in memory to compare. Of a deployed table every look costs half a read unit for every 4 KB.",
  ],
  examples: [
    { line: "turnover --dir run", effect: "what the job of a folder writes, which runs elsewhere" },
    { line: "turnover --outputs .millrace/outputs.json --every 30", effect: "a deployed job's" },
  ],
  load: async () => (await import("../tail-command.ts")).tailCommand,
});
