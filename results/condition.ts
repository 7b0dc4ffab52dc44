/** From the longest: `<=` is not `<` of a value that begins with `=`. */
const comparisons = ["<=", ">=", "!=", "=", "<", ">"] as const;

/** What a field of a row is compared with. */
export interface Condition {
  readonly field: string;
  readonly comparison: (typeof comparisons)[number];
  readonly text: string;
}

/** Such as `user=ada` or `total>=10`; undefined for what is no condition. */
export function conditionOf(typed: string): Condition | undefined {
  const at = typed.search(/[<>=]|!=/);
  const comparison = at < 1 ? undefined : comparisons.find((each) => typed.startsWith(each, at));
  if (comparison === undefined) return undefined;
  return { field: typed.slice(0, at), comparison, text: typed.slice(at + comparison.length) };
}
