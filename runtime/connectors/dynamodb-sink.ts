import { inputError } from "../errors/millrace-error.ts";
import type { SinkConnector } from "../graph/connectors.ts";
import type { WithoutWaiting } from "../graph/functions.ts";
import { checkSynchronous, synchronous } from "../graph/synchronous.ts";
import type { KeyedWrite, KeyType } from "../ports/keyed-table.ts";
import { checkStorable, checkStorableKey, reservedAttributes, shown } from "./dynamodb-limits.ts";
import { isPlainObject, jsonCopy } from "./json-copy.ts";
import { checkTableName } from "./names.ts";
import type { DirectSpec, OrderedWrite } from "./sink-spec.ts";
import { type NamedKey, tableKeyOf } from "./table-key.ts";

/** Names of the fields of `T` that can be key attributes: those that are always strings or numbers. */
export type KeyField<T> = {
  [Field in keyof T]-?: T[Field] extends string | number ? Field : never;
}[keyof T] &
  string;

/** What identifies the rows `R` of a table: the partition key and, if there is one, the sort key. */
export type RowKeyFields<R> = readonly [KeyField<R>] | readonly [KeyField<R>, KeyField<R>];

/**
 * The same with the type of each attribute, in the order of the key: `{ origin: "string", startMs: "number" }`. The table is made
 * with these types, or compared with them, and a row that has others becomes a dead letter.
 */
export type RowKeyTypes<R> = {
  readonly [Field in KeyField<R>]?: R[Field] extends string
    ? "string"
    : R[Field] extends number
      ? "number"
      : KeyType;
};

export type RowsOfOtherJobs = "refuse" | "take-over";

/** For elements that are rows: plain JSON objects. */
export interface DynamodbSinkOptions<T> {
  /** Name of the table; a deployment can map it to another. */
  readonly table: string;
  /** One or two attributes that identify a row, with their types, or as a list whose types the deployment must know. */
  readonly key: RowKeyFields<T> | RowKeyTypes<T>;
  /**
   * What becomes of a row that another job wrote, by its name: "refuse" leaves it, and the element goes to the dead letters;
   * "take-over" replaces it, and should only be said where that job is dead. Default: "refuse".
   */
  readonly rowsOfOtherJobs?: RowsOfOtherJobs;
}

/** For elements `T` of which rows `R` are made. */
export interface DynamodbRowOptions<T, R> {
  /** Name of the table; a deployment can map it to another. */
  readonly table: string;
  /** One or two attributes of what `toRow` answers that identify a row, with their types, or as a list. */
  readonly key: RowKeyFields<R> | RowKeyTypes<R>;
  /**
   * What becomes of a row that another job wrote, by its name: "refuse" leaves it, and the element goes to the dead letters;
   * "take-over" replaces it, and should only be said where that job is dead. Default: "refuse".
   */
  readonly rowsOfOtherJobs?: RowsOfOtherJobs;
  /** Makes the row of an element: a plain JSON object. */
  readonly toRow: ((value: T) => R) & WithoutWaiting<R>;
}

/**
 * Writes each element as a row, exactly once: a later result of the same key takes its place, and a withdrawn one
 * removes it. `T` comes from the stream:
 * `stream.sinkTo(dynamodbSink({ table: "delays", key: { origin: "string", startMs: "number" } }), …)`.
 * @throws MillraceError `table-name-invalid`, `sink-key-invalid`
 */
export function dynamodbSink<T, R>(options: DynamodbRowOptions<T, R>): SinkConnector<T>;
export function dynamodbSink<T>(options: DynamodbSinkOptions<T>): SinkConnector<T>;
export function dynamodbSink(options: {
  readonly table: string;
  readonly key: NamedKey;
  readonly rowsOfOtherJobs?: RowsOfOtherJobs;
  readonly toRow?: (value: unknown) => unknown;
}): SinkConnector<unknown> {
  const { table, rowsOfOtherJobs = "refuse", toRow = (value) => value } = options;
  checkTableName(table);
  checkSynchronous(toRow, { what: `toRow of the sink for table "${table}"` });
  const tableKey = tableKeyOf(table, options.key);
  const keyFields = Object.freeze(tableKey.map(({ name }) => name));
  const keyTypes = tableKey.flatMap(({ type }) => type ?? []);
  return Object.freeze<SinkConnector<unknown>>({
    type: "dynamodb",
    target: table,
    guarantee: "exactly-once",
    keyFields,
    ...(keyTypes.length > 0 && { keyTypes: Object.freeze(keyTypes) }),
    takesOver: rowsOfOtherJobs === "take-over",
    copies: options.toRow === undefined,
    encode(value, change) {
      const row = synchronous(toRow(value), "toRow");
      if (!isPlainObject(row)) throw notARow(table);
      const key: Record<string, string | number> = {};
      for (const field of keyFields) key[field] = keyAttribute(row[field], { table, field });
      checkStorableKey({ table, row: key }, tableKey);
      if (change === "delete") return { kind: "delete", key };
      for (const name of reservedAttributes) if (name in row) throw reservedName(table, name);
      const copy = jsonCopy(row, "row") as typeof row;
      checkStorable({ table, row: copy });
      return { kind: "upsert", key, row: copy };
    },
  });
}

/** Whether DynamoDB takes it is another question: this is about what the element has under the name. */
function keyAttribute(value: unknown, place: { table: string; field: string }): string | number {
  if (typeof value === "string") return value;
  if (typeof value === "number") return value === 0 ? 0 : value;
  throw inputError("row-key-invalid", {
    message: `The key attribute "${place.field}" of a row for table "${place.table}" is ${shown(value)}; it must be a number or a text.`,
    next: "Filter such elements out before the sink, or give the attribute a value with toRow.",
  });
}

function notARow(table: string): Error {
  return inputError("row-invalid", {
    message: `What is written to table "${table}" is not a plain object.`,
    next: "Make one with map before the sink, or with the sink's toRow.",
  });
}

function reservedName(table: string, name: string): Error {
  return inputError("row-invalid", {
    message: `A row for table "${table}" has the attribute "${name}", which the sink keeps for itself.`,
    next: "Give the attribute another name with toRow.",
  });
}

export const dynamodbSpec: DirectSpec = {
  resource: ({ target, keyFields = [], keyTypes = [] }) => ({
    kind: "table",
    name: target,
    key: keyFields.map((name, at) => {
      const { [at]: type } = keyTypes;
      return { name, ...(type !== undefined && { type }) };
    }),
  }),
  // protocol 9.1: as those of this job in this life of it.
  write: async ({ ports, sink, target, job, incarnation }, writes) => {
    const writer = { job, incarnation, takesOver: sink.takesOver ?? false };
    const { superseded, refused = [] } = await ports.tables.write(
      target,
      writes.map(keyedWriteOf),
      writer,
    );
    return { superseded, refused };
  },
};

function keyedWriteOf({ write, order }: OrderedWrite): KeyedWrite {
  if (!("key" in write)) throw new Error(`A table takes no ${write.kind}.`);
  const { key } = write;
  return write.kind === "upsert" ? { key, row: write.row, order } : { key, order };
}
