import { argument } from "../definition/argument.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import { anyText, flag, optional } from "../definition/option.ts";
import { selectionOptions } from "./selection-options.ts";
import { storeOptionDefinitions } from "./store-options.ts";

const options = {
  fields: optional("names", "only these fields, with commas between (default: all)", anyText),
  count: flag("only how many rows fit"),
  ...selectionOptions,
  ...storeOptionDefinitions,
};
const args = [argument("table", "a table of results, or a stream")] as const;

export type QueryGiven = Given<typeof options, typeof args>;

export const query = defineCommand({
  brief: "ask for rows of a table of results: some fields, some rows, or how many",
  options,
  args,
  notes: [
    "The table or stream is read through once; of a deployed one, that costs half a read unit for every 4 KB.",
  ],
  examples: [
    {
      line: 'turnover --dir run --where "total>=100" --where customer=ada --fields startMs,total',
      effect: "two fields of some rows",
    },
    { line: "turnover --dir run --csv", effect: "all of it, for a spreadsheet" },
    { line: 'turnover --dir run --where "total>=100" --count', effect: "one number" },
  ],
  load: async () => (await import("../query-command.ts")).queryCommand,
});
