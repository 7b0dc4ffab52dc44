import type { Condition } from "./stage.ts";

export const always: Condition = () => true;

export const not =
  (condition: Condition): Condition =>
  (element, context) =>
    !condition(element, context);

export function and(first: Condition, second: Condition): Condition {
  if (first === always) return second;
  if (second === always) return first;
  return (element, context) => first(element, context) && second(element, context);
}

export const or =
  (first: Condition, second: Condition): Condition =>
  (element, context) =>
    first(element, context) || second(element, context);

/** As long as a loop has not been told to end. */
export const before = (until: Condition | undefined, condition: Condition): Condition =>
  until === undefined ? condition : and(not(until), condition);
