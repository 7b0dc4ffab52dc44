import { inputError } from "../runtime/errors/millrace-error.ts";

export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page begins. */
  readonly next?: string;
}

/** A page of items that are in memory: it begins behind the one whose id the cursor is, so that new ones in front move nothing. */
export function pageOf<T>(
  all: readonly T[],
  idOf: (item: T) => string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Page<T> {
  const at = cursor === undefined ? 0 : all.findIndex((item) => idOf(item) === cursor) + 1;
  if (cursor !== undefined && at === 0) throw cursorUnknown(cursor);
  const items = all.slice(at, at + limit);
  const last = items.at(-1);
  const isMore = at + limit < all.length;
  return { items, ...(isMore && last !== undefined && { next: idOf(last) }) };
}

const cursorUnknown = (cursor: string): Error =>
  inputError("request-invalid", {
    message: `Nothing has the cursor "${cursor.slice(0, 100)}": what stood there may be gone.`,
    next: "Begin with the first page again.",
  });
