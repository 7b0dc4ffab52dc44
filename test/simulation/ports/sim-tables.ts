import { checkWrite } from "../../../runtime/connectors/dynamodb-limits.ts";
import { keyText, rowOfText, rowText } from "../../../runtime/embedded/row-text.ts";
import { outcomeOf, type RowInPlace } from "../../../runtime/connectors/row-order.ts";
import type {
  KeyedWrite,
  KeyedWriteSummary,
  RefusedWrite,
  Row,
  RowKey,
  RowWriter,
} from "../../../runtime/ports/index.ts";
import type { StoreObserver } from "./observer.ts";

export interface StoredRow extends RowInPlace {
  /** Absent for a tombstone. */
  readonly text: string | undefined;
}

/** Tables of results, whose every call happens at once. */
export class SimTables {
  readonly #tables = new Map<string, Map<string, StoredRow>>();
  readonly #observer: StoreObserver;
  /** Whether rows of a key are refused. */
  readonly #refuses: (key: string) => boolean;

  constructor(observer: StoreObserver, refuses: (key: string) => boolean) {
    this.#observer = observer;
    this.#refuses = refuses;
  }

  write(table: string, writes: readonly KeyedWrite[], writer: RowWriter): KeyedWriteSummary {
    let rows = this.#tables.get(table);
    if (rows === undefined) this.#tables.set(table, (rows = new Map()));
    let applied = 0;
    const refused: RefusedWrite[] = [];
    for (const write of writes) checkWrite(table, write);
    for (const [at, write] of writes.entries()) {
      const key = keyText(write.key);
      if (this.#refuses(key)) {
        this.#observer.rowRefused(table, write);
        refused.push({ at, reason: `Table ${table} takes no rows of ${key}.` });
        continue;
      }
      const inPlace = rows.get(key) ?? leftBehind(key, writer);
      const isApplied = outcomeOf(writer, write.order, inPlace) === "applied";
      this.#observer.rowWritten(table, write, isApplied);
      if (!isApplied) {
        if (inPlace !== undefined) rows.set(key, inPlace);
        continue;
      }
      const { job: owner, incarnation } = writer;
      rows.set(key, {
        owner,
        incarnation,
        order: write.order,
        text: write.row && rowText(write.row),
      });
      applied += 1;
    }
    const superseded = writes.length - refused.length - applied;
    return { applied, superseded, ...(refused.length > 0 && { refused }) };
  }

  get(table: string, key: RowKey): Row | undefined {
    const text = this.#tables.get(table)?.get(keyText(key))?.text;
    return text === undefined ? undefined : rowOfText(text);
  }

  scan(table: string): readonly Row[] {
    const rows = [...(this.#tables.get(table)?.values() ?? [])];
    return rows.flatMap(({ text }) => (text === undefined ? [] : [rowOfText(text)]));
  }

  /** Every row with its order, tombstones among them, by the text of its key. */
  stored(table: string): ReadonlyMap<string, StoredRow> {
    return this.#tables.get(table) ?? new Map();
  }

  get names(): readonly string[] {
    return [...this.#tables.keys()];
  }
}

/**
 * The table was used before: some rows are there from a life of the job that ended, of a later generation and version than this
 * one comes to. A row that survives the run is a fault.
 */
function leftBehind(key: string, { job, incarnation }: RowWriter): StoredRow | undefined {
  if (key.length % 2 === 0) return undefined;
  return {
    owner: job,
    incarnation: incarnation - 1,
    order: { generation: 1_000, version: 1_000_000, index: 0 },
    text: JSON.stringify({ leftBehind: key }),
  };
}
