import { optional, wholeNumber } from "../definition/option.ts";

/** Of what looks again and again. */
export const everyOption = {
  every: optional(
    "s",
    "seconds between two looks (default: 1; of a deployed job 10)",
    wholeNumber({ min: 1, max: 86_400 }),
  ),
};
