import { optionalArgument } from "../definition/argument.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import { anyText, flag, optional, pair, repeated } from "../definition/option.ts";
import { limitOption } from "./limit-option.ts";
import { storeOptionDefinitions } from "./store-options.ts";

/** What fits on a screen. */
export const rowsShownToPeople = 50;

const options = {
  where: repeated(
    "field=value",
    "only rows that have this value; repeat it for several",
    pair("<field>=<value>"),
  ),
  "order-by": optional("field", "smallest first; --descending for the greatest", anyText),
  descending: flag("greatest first, with --order-by"),
  ...limitOption("rows", rowsShownToPeople),
  ...storeOptionDefinitions,
};
const args = [
  optionalArgument("table", "a table of results (default: which tables there are)"),
] as const;

export type RowsGiven = Given<typeof options, typeof args>;

export const rows = defineCommand({
  brief: "show the rows of a table of results, or which tables there are",
  options,
  args,
  examples: [
    { line: "--dir run", effect: "which tables there are" },
    {
      line: "turnover --dir run --where customer=ada --order-by total --descending --limit 3",
      effect: "three rows of one table",
    },
  ],
  load: async () => (await import("../rows-command.ts")).rowsCommand,
});
