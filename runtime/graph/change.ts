/**
 * What an element means to those behind it: a new result, a result that takes the place of an earlier one with the same
 * identity (a window that fires again), or the withdrawal of an earlier one (a session that a merge swallowed).
 */
export type Change = "insert" | "replace" | "delete";

export const isChange = (value: unknown): value is Change =>
  value === "insert" || value === "replace" || value === "delete";
