/**
 * What an element means to those behind it: a new result, a result that takes the place of an earlier one with the same
 * identity (a window that fires again), or the withdrawal of an earlier one (a session that a merge swallowed).
 */
export type Change = "insert" | "replace" | "delete";

export const isChange = (value: unknown): value is Change =>
  value === "insert" || value === "replace" || value === "delete";

/**
 * Which changes flow from an operator (docs/changes.md): "append" has inserts only; "upsert" has replacements and
 * withdrawals as well, told apart by their identity; in "retract" each replacement carries the value that it replaces, and each withdrawal is that
 * of exactly the value that was given before. Flink's changelog modes of the same names.
 */
export type ChangelogMode = "append" | "upsert" | "retract";

/** An element of {@link DataStream.toChangelogStream}: what became of a result. */
export type ChangeRecord<T> =
  | { readonly change: "insert"; readonly value: T }
  | { readonly change: "replace"; readonly value: T; readonly before: T }
  | { readonly change: "delete"; readonly value: T };
