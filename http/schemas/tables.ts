import * as z from "zod/mini";
import { count, jobPath, name, wholeNumber } from "./common.ts";

export const tablePath = z.extend(jobPath, { table: name });

/** Rows of a table of results: JSON data. */
const row = z.record(z.string(), z.unknown());

export const rowsQuery = z.strictObject({
  limit: z._default(wholeNumber(1, 1_000), 100),
  /** Field by which rows are sorted; absent: as they come. */
  orderBy: z.optional(name),
  order: z._default(z.enum(["ascending", "descending"]), "ascending"),
  /** Conditions such as `user=ada` or `total>=10`, of which all must hold; repeat it for several. */
  where: z.optional(
    z.pipe(
      z.transform((given) => (Array.isArray(given) ? given : [given])),
      z.array(z.string().check(z.maxLength(1_000))).check(z.maxLength(20)),
    ),
  ),
});

export const rows = z.object({
  table: z.string(),
  rows: z.array(row),
  /** Rows that fit; `rows` are the first of them. */
  matched: count,
});

/** What an event of the stream of a table's updates holds. */
export const tableUpdate = z.object({
  /** "rows": what the table holds, 1,000 rows at most, in place of all that was known. "changes": since the event before. */
  type: z.enum(["rows", "changes"]),
  key: z.array(z.string()),
  written: z.array(row),
  /** As they were. */
  deleted: z.array(row),
  /** Rows that the table holds; of more than 10,000 no changes are told. */
  total: count,
  /** Of a view that is drawn as one number, that number, which all rows make; absent where no row has it. */
  number: z.optional(z.number()),
});

export type RowsView = z.infer<typeof rows>;
export type TableUpdate = z.infer<typeof tableUpdate>;
