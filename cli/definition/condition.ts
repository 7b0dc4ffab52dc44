import { type Condition, conditionOf } from "../../results/condition.ts";
import { UsageError } from "../usage-error.ts";
import type { Parse } from "./option.ts";

/** Such as `user=ada` or `total>=10`. @throws UsageError */
export const condition: Parse<Condition> = (typed) => {
  const found = conditionOf(typed);
  if (found !== undefined) return found;
  throw new UsageError("it takes <field>=<value>, or !=, <, <=, > or >= in its place");
};
