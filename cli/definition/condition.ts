import { UsageError } from "../usage-error.ts";
import type { Parse } from "./option.ts";

/** From the longest: `<=` is not `<` of a value that begins with `=`. */
const comparisons = ["<=", ">=", "!=", "=", "<", ">"] as const;

/** What a field of a row is compared with. */
export interface Condition {
  readonly field: string;
  readonly comparison: (typeof comparisons)[number];
  readonly text: string;
}

/** Such as `user=ada` or `total>=10`. @throws UsageError */
export const condition: Parse<Condition> = (typed) => {
  const at = typed.search(/[<>=]|!=/);
  const comparison = at < 1 ? undefined : comparisons.find((each) => typed.startsWith(each, at));
  if (comparison === undefined)
    throw new UsageError("it takes <field>=<value>, or !=, <, <=, > or >= in its place");
  return { field: typed.slice(0, at), comparison, text: typed.slice(at + comparison.length) };
};
