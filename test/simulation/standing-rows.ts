import { rowOfText } from "../../runtime/embedded/row-text.ts";
import type { Row } from "../../runtime/ports/index.ts";
import type { CommittedRow } from "./checks/output-check.ts";
import type { StoredRow } from "./ports/sim-tables.ts";
import type { WatchedStores } from "./watched-stores.ts";

interface LiveRow extends CommittedRow {
  readonly generation: number;
}

/**
 * What a table holds, tombstones left out. A generation that was given up, since the job was taken back and then forward again, may have replaced or deleted
 * a row of a generation before it, and nothing writes that one anew while its key does not come again: there the row counts that is part of the job's
 * history. A row of no such generation is never left out.
 */
export function standingRows(watched: WatchedStores, table: string): readonly Row[] {
  const live = liveRows(watched, table);
  const rows: Row[] = [];
  for (const [key, stored] of watched.stores.tables.stored(table)) {
    const before = live.get(key);
    const isReplaced = before !== undefined && isOfGivenUp(watched, stored, before);
    const text = isReplaced ? before.text : stored.text;
    if (text !== undefined) rows.push(rowOfText(text));
  }
  return rows;
}

/** The newest write of each key that is part of the job's history. */
function liveRows(watched: WatchedStores, table: string): ReadonlyMap<string, LiveRow> {
  const newest = new Map<string, LiveRow>();
  for (const [generation, invariants] of watched.generations) {
    for (const row of invariants.committedRows) {
      if (row.table !== table || !watched.lineage.isLive(generation, row.slot, row.version))
        continue;
      const known = newest.get(row.key);
      if (known === undefined || isAbove({ ...row, generation }, known))
        newest.set(row.key, { ...row, generation });
    }
  }
  return newest;
}

function isAbove(one: LiveRow, other: LiveRow): boolean {
  const order =
    one.generation - other.generation || one.version - other.version || one.index - other.index;
  return order > 0;
}

/** A row that stands in the place of an older one, of a generation between that one's and the one that lives. */
function isOfGivenUp({ lineage }: WatchedStores, { order }: StoredRow, live: LiveRow): boolean {
  return order.generation > live.generation && order.generation < lineage.last;
}
