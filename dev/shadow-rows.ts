import { createHash } from "node:crypto";
import type { Plan } from "../runtime/plan/plan.ts";
import { canonicalJson } from "../runtime/planner/canonical-json.ts";
import type { KeyedTable, Row, RowKey } from "../runtime/ports/index.ts";

/** A row that a shadow and the live job have each in their own way; undefined where one has none. */
export interface RowDifference {
  readonly table: string;
  readonly key: RowKey;
  readonly shadow: Row | undefined;
  readonly live: Row | undefined;
}

export interface ComparedTable {
  readonly table: string;
  /** Keys that the shadow or, since it began, the live job has written or withdrawn. */
  readonly compared: number;
  readonly differences: readonly RowDifference[];
  /** There were more rows than are kept in mind: the others were not compared. */
  readonly isPartial: boolean;
}

/** As many rows of a table are kept in mind, by their keys. */
const rowsMax = 100_000;

/** By their canonical texts. */
type Keys = Map<string, RowKey>;

/** The same tables, with the keys of what is written into them. */
export function notedTables(tables: KeyedTable) {
  const touched = new Map<string, Keys>();
  let count = 0;
  const noted: KeyedTable = {
    ...tables,
    write(table, writes, writer) {
      const keys = keysOf(touched, table);
      count += writes.length;
      for (const { key } of writes) if (keys.size < rowsMax) keys.set(canonicalJson(key), key);
      return tables.write(table, writes, writer);
    },
  };
  return {
    tables: noted,
    touched: (table: string) => keysOf(touched, table),
    writes: () => count,
  };
}

function keysOf(touched: Map<string, Keys>, table: string): Keys {
  const keys = touched.get(table) ?? new Map<string, RowKey>();
  touched.set(table, keys);
  return keys;
}

export interface KeyedResults {
  readonly table: string;
  readonly keyFields: readonly string[];
}

/** The tables of rows that a job writes. */
export function keyedResultsOf({ sinks }: Plan): readonly KeyedResults[] {
  const found = sinks.flatMap(({ target, keyFields }) =>
    keyFields === undefined ? [] : [[target, { table: target, keyFields }] as const],
  );
  return [...new Map(found).values()];
}

export interface RowsByDigest {
  readonly digests: ReadonlyMap<string, string>;
  /** There are more. */
  readonly isPartial: boolean;
}

/** What a table holds now, so that it can be told later what has changed. */
export async function digestsOf(
  tables: Pick<KeyedTable, "scan">,
  table: string,
  keyFields: readonly string[],
): Promise<RowsByDigest> {
  const digests = new Map<string, string>();
  for await (const row of tables.scan(table)) {
    if (digests.size === rowsMax) return { digests, isPartial: true };
    digests.set(canonicalJson(keyOfRow(row, keyFields)), digestOf(row));
  }
  return { digests, isPartial: false };
}

/** Keys of the rows that have come, gone or changed since; none where that can't be told of all. */
export function changedSince(before: RowsByDigest, now: RowsByDigest): Keys {
  const changed: Keys = new Map();
  if (before.isPartial || now.isPartial) return changed;
  for (const key of new Set([...before.digests.keys(), ...now.digests.keys()]))
    if (before.digests.get(key) !== now.digests.get(key))
      changed.set(key, JSON.parse(key) as RowKey);
  return changed;
}

/** So many keys are read at once. */
const readsMax = 20;

/** Of some keys of a table those whose rows differ. */
export async function differencesOf(
  table: string,
  keys: readonly RowKey[],
  tables: { readonly shadow: Pick<KeyedTable, "get">; readonly live: Pick<KeyedTable, "get"> },
): Promise<readonly RowDifference[]> {
  const differences: RowDifference[] = [];
  for (let at = 0; at < keys.length; at += readsMax) {
    const read = keys.slice(at, at + readsMax).map(async (key) => {
      const [shadow, live] = await Promise.all([
        tables.shadow.get(table, key),
        tables.live.get(table, key),
      ]);
      return { table, key, shadow, live };
    });
    for (const each of await Promise.all(read))
      if (canonicalJson(each.shadow ?? null) !== canonicalJson(each.live ?? null))
        differences.push(each);
  }
  return differences;
}

const keyOfRow = (row: Row, keyFields: readonly string[]): RowKey =>
  Object.fromEntries(keyFields.map((field) => [field, row[field] as string | number]));

const digestOf = (row: Row): string =>
  createHash("sha256").update(canonicalJson(row)).digest("base64");
