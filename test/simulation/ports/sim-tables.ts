import { checkWrite } from "../../../runtime/connectors/dynamodb-limits.ts";
import { keyText, rowOfText, rowText } from "../../../runtime/embedded/row-text.ts";
import type {
  KeyedWrite,
  KeyedWriteSummary,
  Row,
  RowKey,
  WriteOrder,
} from "../../../runtime/ports/index.ts";
import type { StoreObserver } from "./observer.ts";

interface StoredRow {
  readonly order: WriteOrder;
  /** Absent for a tombstone. */
  readonly text: string | undefined;
}

/** Tables of results, whose every call happens at once. */
export class SimTables {
  readonly #tables = new Map<string, Map<string, StoredRow>>();
  readonly #observer: StoreObserver;

  constructor(observer: StoreObserver) {
    this.#observer = observer;
  }

  write(table: string, writes: readonly KeyedWrite[]): KeyedWriteSummary {
    let rows = this.#tables.get(table);
    if (rows === undefined) this.#tables.set(table, (rows = new Map()));
    let applied = 0;
    for (const write of writes) checkWrite(table, write);
    for (const write of writes) {
      const key = keyText(write.key);
      const inPlace = rows.get(key);
      const isApplied = inPlace === undefined || isAbove(write.order, inPlace.order);
      this.#observer.rowWritten(table, write, isApplied);
      if (!isApplied) continue;
      rows.set(key, { order: write.order, text: write.row && rowText(write.row) });
      applied += 1;
    }
    return { applied, superseded: writes.length - applied };
  }

  get(table: string, key: RowKey): Row | undefined {
    const text = this.#tables.get(table)?.get(keyText(key))?.text;
    return text === undefined ? undefined : rowOfText(text);
  }

  scan(table: string): readonly Row[] {
    const rows = [...(this.#tables.get(table)?.values() ?? [])];
    return rows.flatMap(({ text }) => (text === undefined ? [] : [rowOfText(text)]));
  }

  get names(): readonly string[] {
    return [...this.#tables.keys()];
  }
}

function isAbove(order: WriteOrder, inPlace: WriteOrder): boolean {
  if (order.generation !== inPlace.generation) return order.generation > inPlace.generation;
  if (order.version !== inPlace.version) return order.version > inPlace.version;
  return order.index > inPlace.index;
}
