/**
 * A table of results that others read: one row per key, which a job owns, ordered by (incarnation, generation, version, index),
 * so that a replay, a zombie or what is left of a dead job changes nothing (docs/protocol.md, section 9).
 */
export interface KeyedTable {
  /**
   * Applies every write whose order is above that of the row in place; a write that is not above it is counted
   * as superseded and changes nothing. At most one write per key in a call. A write that the store will never take
   * as it is, such as a key of another type than the table's, is named in the answer; the others are applied. So is one to a
   * row of another job, unless the writer takes those over.
   * @throws a StoreError where the table as a whole can't be written: it is missing, denied or busy.
   */
  write(
    table: string,
    writes: readonly KeyedWrite[],
    writer: RowWriter,
  ): Promise<KeyedWriteSummary>;

  /** The row of a key; `undefined` where there is none or a tombstone. Strongly consistent. */
  get(table: string, key: RowKey): Promise<Row | undefined>;

  /** Every row that is not a tombstone, in no particular order; each row holds its key's attributes too. */
  scan(table: string): AsyncIterable<Row>;
}

export type KeyType = "string" | "number";

/** A table that is there may have keys that no row of a job has. */
export type ExistingKey = readonly {
  readonly name: string;
  readonly type: KeyType | "binary" | undefined;
}[];

/** What the tables of results are like. */
export interface TableSchemas {
  /** The attributes of a table's key, in its order. @throws a StoreError, `store-missing` where there is no such table. */
  keyOf(table: string): Promise<ExistingKey>;
}

/** Attributes of a table's key: the partition key, and the sort key where there is one; the type where it is known. */
export type TableKey = readonly { readonly name: string; readonly type?: KeyType }[];

/** Values by attribute name; the attributes that make up the key, in the order of the sink's `key`. */
export type RowKey = Readonly<Record<string, string | number>>;

/** JSON data: what a user reads back. */
export type Row = Readonly<Record<string, unknown>>;

export interface KeyedWrite {
  readonly key: RowKey;
  /** All attributes of the row, those of the key included; absent for a delete, which leaves a tombstone. */
  readonly row?: Row;
  readonly order: WriteOrder;
}

/** Whose writes they are. */
export interface RowWriter {
  readonly job: string;
  /** When this life of the job began, in ms since 1970: above that of any before. 0 for one that began before rows had owners. */
  readonly incarnation: number;
  /** A row of another job is replaced, whatever its order, instead of being refused. */
  readonly takesOver: boolean;
}

/** Compared from left to right, between writes of one incarnation. */
export interface WriteOrder {
  readonly generation: number;
  readonly version: number;
  readonly index: number;
}

export interface KeyedWriteSummary {
  readonly applied: number;
  readonly superseded: number;
  /** Writes that the store refuses for what they are; absent where there are none. */
  readonly refused?: readonly RefusedWrite[];
}

export interface RefusedWrite {
  /** Which of the writes of the call. */
  readonly at: number;
  readonly reason: string;
}
