import { condition } from "../definition/condition.ts";
import { anyText, flag, optional, repeated } from "../definition/option.ts";
import { limitOption } from "./limit-option.ts";

/** What fits on a screen. */
export const rowsShownToPeople = 50;

export const whereOption = {
  where: repeated(
    "field=value",
    "only rows that have this value; !=, <, <=, > and >= compare too, numbers by size; repeat it for several",
    condition,
  ),
};

/** Which rows of a table, in which order, and how many. */
export const selectionOptions = {
  ...whereOption,
  "order-by": optional("field", "smallest first; --descending for the greatest", anyText),
  descending: flag("greatest first, with --order-by"),
  ...limitOption("rows", rowsShownToPeople, "--json or --csv"),
  csv: flag("comma-separated, under the names of the fields"),
};
