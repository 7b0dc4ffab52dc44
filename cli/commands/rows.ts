import { optionalArgument } from "../definition/argument.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import { selectionOptions } from "./selection-options.ts";
import { storeOptionDefinitions } from "./store-options.ts";

const options = { ...selectionOptions, ...storeOptionDefinitions };
const args = [
  optionalArgument("table", "a table of results, or a stream (default: which tables there are)"),
] as const;

export type RowsGiven = Given<typeof options, typeof args>;

export const rows = defineCommand({
  brief:
    "show the rows of a table of results or the documents of a stream, or which tables there are",
  options,
  args,
  examples: [
    { line: "--dir run", effect: "which tables there are" },
    {
      line: "turnover --dir run --order-by total --descending --limit 3",
      effect: "three rows of one table",
    },
  ],
  load: async () => (await import("../rows-command.ts")).rowsCommand,
});
