import { optional, wholeNumber } from "../definition/option.ts";

const limitMax = 1_000_000;

/** How many things a command shows: to people so many, to programs all. */
export const limitOption = (what: string, shownToPeople: number, programs = "--json") => ({
  limit: optional(
    "n",
    `${what} at most (default: ${shownToPeople}; with ${programs} all)`,
    wholeNumber({ min: 1, max: limitMax }),
  ),
});
