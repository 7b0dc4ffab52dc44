import type { KeyValue } from "../graph/key-value.ts";
import { keyIdentity } from "../serde/key-identity.ts";
import type { Identity } from "../state/key-record.ts";
import type { StateDelta } from "../state/state-delta.ts";
import { cellParts, type StateRow, valueOf } from "./state-row.ts";

/** An entry of a delta: a row, or none where it was removed. */
export interface DeltaEntry {
  readonly key: KeyValue;
  /** Of all entries with it the last one counts. */
  readonly place: string;
  readonly row?: StateRow;
}

/** Later segments override earlier ones; what is undefined was removed. */
export function mergeDelta(
  rows: Map<string, StateRow>,
  delta: StateDelta,
  accepts: (cell: string, keyIndex: number) => boolean,
): void {
  for (const { place, row } of entriesOf(delta, accepts))
    if (row === undefined) rows.delete(place);
    else rows.set(place, row);
}

/** The entries of a delta that are accepted, in its order. */
export function* entriesOf(
  delta: StateDelta,
  accepts: (cell: string, keyIndex: number) => boolean,
): Generator<DeltaEntry> {
  for (let at = 0; at < delta.key.length; at++) {
    const cell = delta.cells[delta.cell[at] as number] as string;
    if (!accepts(cell, delta.key[at] as number)) continue;
    const key = delta.keys[delta.key[at] as number] as KeyValue;
    const mapKey = delta.mapKey[at] ?? undefined;
    const place = [cell, placeText(key), mapKey === undefined ? "" : placeText(mapKey)].join("\n");
    const committed = delta.committed[at];
    if (committed === undefined) {
      yield { key, place };
      continue;
    }
    const value = valueOf(committed);
    const row = { ...cellParts(cell), key, ...(mapKey === undefined ? {} : { mapKey }), value };
    yield { key, place, row };
  }
}

/** A text for each key: no two keys have the same, whatever their types. */
function placeText(key: KeyValue): string {
  const identity: Identity = keyIdentity(key);
  return `${(typeof identity)[0]}${JSON.stringify(String(identity))}`;
}
