/**
 * Small strongly consistent rows of a job: generation, progress, lease, retry counts, pressure.
 * A row is addressed by partition and sort key and carries a `rank` that orders its versions.
 */
export interface ControlTable {
  get(key: ControlKey): Promise<ControlRow | undefined>;

  /** All rows of a partition in ascending (code unit) order of `sort`. */
  list(partition: string): Promise<readonly ControlRow[]>;

  /** Writes the row when the condition holds; otherwise answers with what is there. */
  put(row: ControlRow, condition: PutCondition): Promise<PutOutcome>;

  /** Deletes the row if it still has this rank; where it has another, or is gone, nothing happens. */
  delete(row: ControlKey & Pick<ControlRow, "rank">): Promise<void>;
}

export interface ControlKey {
  readonly partition: string;
  readonly sort: string;
}

export interface ControlRow extends ControlKey {
  /** A safe integer >= 0, compared by {@link PutCondition}. */
  readonly rank: number;
  /** JSON data of at most 300,000 bytes when written as text. */
  readonly value: JsonValue;
}

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

export type PutCondition =
  /** No row is there. */
  | { readonly kind: "absent" }
  /** No row is there, or its rank is below that of the new row. */
  | { readonly kind: "forward" }
  /** A row is there and has exactly this rank. */
  | { readonly kind: "rank"; readonly rank: number }
  | { readonly kind: "always" };

export type PutOutcome =
  | { readonly written: true }
  /** `found` is what is there, or absent if nothing is, or the store could not say. */
  | { readonly written: false; readonly found?: ControlRow };
