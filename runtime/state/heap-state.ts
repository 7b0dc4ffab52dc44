import { stateError } from "../errors/millrace-error.ts";
import type { KeyValue } from "../graph/key-value.ts";
import { keyIdentity } from "../serde/key-identity.ts";
import { ownKey } from "../serde/own-key.ts";
import { EntryMap, type KeyRange } from "./entry-map.ts";
import type { Identity, KeyRecord } from "./key-record.ts";
import type {
  CellName,
  MapCell,
  MapEntry,
  MapOptions,
  ValueCell,
  ValueEntry,
  ValueOptions,
} from "./keyed-state.ts";
import type { KeyLocator, StateBackend } from "./state-backend.ts";
import { deltaBuilder, type StateDelta } from "./state-delta.ts";
import {
  absent,
  type Committed,
  committedOf,
  sameCommitted,
  sizeOf,
  StateEntry,
} from "./state-entry.ts";

interface CellDefinition extends EntryCell {
  readonly name: string;
  /** How errors speak of it. */
  readonly about: string;
}

/** {@link MapOptions} of any state. */
interface EntryCell {
  readonly onLoad?: ((entry: StateEntry) => void) | undefined;
  readonly isGone?: ((entry: StateEntry) => boolean) | undefined;
  readonly keyNow?: ((key: KeyValue) => KeyValue) | undefined;
}

/** The keyed state of one subtask, all of it in the memory of the process. */
export class HeapState implements StateBackend {
  readonly stage: string;
  readonly #locate: KeyLocator;
  readonly #records = new Map<Identity, KeyRecord>();
  readonly #cells: CellDefinition[] = [];
  readonly #cellByName = new Map<string, number>();
  /** The cells of a key of which nothing is kept. */
  readonly #noCells: undefined[] = [];
  #touched: StateEntry[] = [];
  /** Batches so far, those that were undone too. */
  #batch = 1;
  /** What each of the last batches has used, the oldest first. */
  readonly #used: StateEntry[][] = [];
  /** Records that this batch made or emptied: dropped at its end where nothing is stored in them. */
  #idle: KeyRecord[] = [];
  /** What this batch has changed, */
  #prepared: StateEntry[] = [];
  /** and to what. */
  #preparedTo: Committed[] = [];
  /** By state: approximate size as encoded, with its timers. */
  readonly #bytes: number[] = [];
  /** Keys that have come into memory so far. */
  #recordsMade = 0;
  resets = 0;

  constructor(stage: string, locate: KeyLocator) {
    this.stage = stage;
    this.#locate = locate;
  }

  declareValue<V>(cell: CellName, options: ValueOptions = {}): ValueCell<V> {
    return this.#declare(cell, options) as ValueCell<V>;
  }

  declareMap<K extends KeyValue, V>(
    cell: CellName,
    { onLoad, isGone, keyNow }: MapOptions<K, V> = {},
  ): MapCell<K, V> {
    const options = { onLoad: onLoad as EntryCell["onLoad"], isGone, keyNow };
    return this.#declare(cell, options) as MapCell<K, V>;
  }

  #declare({ uid, name }: CellName, options: EntryCell): number {
    const cell = this.#cells.length;
    const fullName = `${uid}/${name}`;
    this.#cells.push({ name: fullName, about: `State "${fullName}"`, ...options });
    this.#bytes.push(0);
    this.#cellByName.set(fullName, cell);
    this.#noCells.push(undefined);
    return cell;
  }

  get bytes(): number {
    return this.#bytes.reduce((sum, bytes) => sum + bytes, 0);
  }

  bytesByOperator(): ReadonlyMap<string, number> {
    const byOperator = new Map<string, number>();
    for (const [cell, { name }] of this.#cells.entries()) {
      const uid = name.slice(0, name.indexOf("/"));
      byOperator.set(uid, (byOperator.get(uid) ?? 0) + (this.#bytes[cell] ?? 0));
    }
    return byOperator;
  }

  get keyCount(): number {
    return this.#records.size;
  }

  record(key: KeyValue): KeyRecord {
    const identity = keyIdentity(key);
    const known = this.#records.get(identity);
    if (known !== undefined) return known;
    const order = this.#recordsMade++;
    const group = this.#locate(key);
    // An array that grows would have room for many more.
    const cells: KeyRecord["cells"] = this.#noCells.slice();
    const record: KeyRecord = { key: ownKey(key), identity, group, order, at: 0, cells };
    this.#records.set(identity, record);
    this.#idle.push(record);
    return record;
  }

  valueEntry<V>(record: KeyRecord, cell: ValueCell<V>): ValueEntry<V> {
    let entry = record.cells[cell] as StateEntry | undefined;
    if (entry === undefined) {
      entry = new StateEntry({ record, cell, mapKey: undefined }, absent);
      record.cells[cell] = entry;
    }
    return this.#touch(entry) as ValueEntry<V>;
  }

  findMapEntry<K extends KeyValue, V>(
    record: KeyRecord,
    cell: MapCell<K, V>,
    mapKey: K,
  ): MapEntry<K, V> | undefined {
    const entry = (record.cells[cell] as EntryMap | undefined)?.get(keyIdentity(mapKey));
    if (entry === undefined || !entry.exists) return undefined;
    return this.#touch(entry) as MapEntry<K, V>;
  }

  mapEntry<K extends KeyValue, V>(
    record: KeyRecord,
    cell: MapCell<K, V>,
    mapKey: K,
  ): MapEntry<K, V> {
    let entries = record.cells[cell] as EntryMap | undefined;
    if (entries === undefined) record.cells[cell] = entries = new EntryMap();
    const identity = keyIdentity(mapKey);
    let entry = entries.get(identity);
    if (entry === undefined) {
      entry = new StateEntry({ record, cell, mapKey: ownKey(mapKey) }, absent);
      entries.add(identity, entry);
    }
    return this.#touch(entry) as MapEntry<K, V>;
  }

  /**
   * By ascending key: in the order in which they lie in memory, results would depend on batches and on what was loaded.
   */
  orderedMapEntries<K extends KeyValue, V>(
    record: KeyRecord,
    cell: MapCell<K, V>,
    range?: KeyRange<K>,
  ): readonly MapEntry<K, V>[] {
    const entries = record.cells[cell] as EntryMap | undefined;
    if (entries === undefined) return [];
    // What is not asked for is not looked at when the step ends.
    const existing = entries.ordered(range).filter((entry) => entry.exists);
    return existing.map((entry) => this.#touch(entry) as MapEntry<K, V>);
  }

  lastMapKey<K extends KeyValue, V>(
    record: KeyRecord,
    cell: MapCell<K, V>,
    upTo?: K,
  ): K | undefined {
    const entries = record.cells[cell] as EntryMap | undefined;
    return entries?.last(({ exists }) => exists, upTo)?.mapKey as K | undefined;
  }

  hasMapEntries<K extends KeyValue, V>(
    record: KeyRecord,
    cell: MapCell<K, V>,
    isAsked: (entry: StateEntry) => boolean = () => true,
  ): boolean {
    const entries = record.cells[cell] as EntryMap | undefined;
    for (const entry of entries?.values() ?? []) if (entry.exists && isAsked(entry)) return true;
    return false;
  }

  mapEntries<K extends KeyValue, V>(
    record: KeyRecord,
    cell: MapCell<K, V>,
  ): readonly MapEntry<K, V>[] {
    const entries = record.cells[cell] as EntryMap | undefined;
    if (entries === undefined) return [];
    const existing: MapEntry<K, V>[] = [];
    for (const entry of entries.values())
      if (entry.exists) existing.push(this.#touch(entry) as MapEntry<K, V>);
    return existing;
  }

  prepare(): StateDelta | undefined {
    const builder = deltaBuilder(this.stage, this.cellNames());
    this.#prepared = [];
    this.#preparedTo = [];
    for (const entry of this.#touched) {
      if (entry.unread) continue;
      const now = entry.encode((this.#cells[entry.cell] as CellDefinition).about);
      if (sameCommitted(now, entry.committed)) continue;
      this.#prepared.push(entry);
      this.#preparedTo.push(now);
      builder.add(entry, now === absent ? undefined : now);
    }
    return builder.isEmpty ? undefined : builder.build();
  }

  accept(): void {
    for (let at = 0; at < this.#prepared.length; at++) {
      const entry = this.#prepared[at] as StateEntry;
      const now = this.#preparedTo[at] as Committed;
      this.#account(entry, now);
      entry.committed = now;
    }
    for (const entry of this.#touched) if (entry.committed === absent) this.#drop(entry);
    this.#prepared = [];
    this.#preparedTo = [];
    this.#used.push(this.#touched);
    this.#touched = [];
    this.#batch += 1;
    this.#forgetUnused();
    this.#dropEmptyRecords();
  }

  /** A value takes several times the memory of its bytes. */
  #forgetUnused(): void {
    if (this.#used.length <= rememberedBatches) return;
    const oldest = this.#batch - rememberedBatches;
    for (const entry of this.#used.shift() ?? []) if (entry.touchedIn < oldest) entry.forget();
  }

  undo(): void {
    this.resets += 1;
    const touched = this.#touched;
    this.#touched = [];
    this.#batch += 1;
    this.#prepared = [];
    this.#preparedTo = [];
    for (const entry of touched) {
      entry.reset(entry.committed);
      if (entry.exists) this.#cells[entry.cell]?.onLoad?.(entry);
      else this.#drop(entry);
    }
    this.#dropEmptyRecords();
  }

  apply(delta: StateDelta, accept: (record: KeyRecord) => boolean = () => true): void {
    this.resets += 1;
    const cells = delta.cells.map((name) => this.#cellOf(name));
    const records = delta.keys.map((key) => this.record(key));
    for (let at = 0; at < delta.key.length; at++) {
      const record = records[delta.key[at] as number] as KeyRecord;
      if (accept(record))
        this.#applyEntry(
          {
            record,
            cell: cells[delta.cell[at] as number] as number,
            mapKey: this.#keyNow(cells[delta.cell[at] as number] as number, delta.mapKey[at]),
          },
          delta.committed[at],
        );
    }
    // Only now: an entry that goes may leave a record empty into which the next one comes.
    for (const record of records) if (isEmpty(record)) this.#records.delete(record.identity);
    this.#idle = [];
  }

  snapshot(): StateDelta {
    const builder = deltaBuilder(this.stage, this.cellNames());
    for (const record of this.#records.values()) {
      for (let cell = 0; cell < record.cells.length; cell++) {
        const content = record.cells[cell];
        if (content === undefined) continue;
        const isGone = this.#cells[cell]?.isGone;
        const entries = content instanceof StateEntry ? [content] : content.values();
        for (const entry of entries)
          if (entry.committed !== absent && isGone?.(entry) !== true)
            builder.add(entry, entry.committed);
      }
    }
    return builder.build();
  }

  cellNames(): readonly string[] {
    return this.#cells.map((cell) => cell.name);
  }

  #applyEntry(
    place: {
      readonly record: KeyRecord;
      readonly cell: number;
      readonly mapKey: KeyValue | undefined;
    },
    value: unknown,
  ): void {
    const committed = committedOf(value);
    const entry =
      place.mapKey === undefined
        ? this.valueEntry(place.record, place.cell as ValueCell<unknown>)
        : this.mapEntry(place.record, place.cell as MapCell<KeyValue, unknown>, place.mapKey);
    this.#touched.pop();
    this.#account(entry, committed);
    entry.reset(committed);
    if (committed === absent) this.#drop(entry);
    else this.#cells[place.cell]?.onLoad?.(entry);
  }

  #keyNow(cell: number, mapKey: KeyValue | null | undefined): KeyValue | undefined {
    if (mapKey === null || mapKey === undefined) return undefined;
    const keyNow = this.#cells[cell]?.keyNow;
    return keyNow === undefined ? mapKey : keyNow(mapKey);
  }

  #dropEmptyRecords(): void {
    for (const record of this.#idle) if (isEmpty(record)) this.#records.delete(record.identity);
    this.#idle = [];
  }

  #touch(entry: StateEntry): StateEntry {
    if (entry.touchedIn !== this.#batch) {
      entry.touchedIn = this.#batch;
      this.#touched.push(entry);
    }
    return entry;
  }

  #drop(entry: StateEntry): void {
    const { record, cell } = entry;
    const content = record.cells[cell];
    if (content instanceof StateEntry) record.cells[cell] = undefined;
    else if (content !== undefined) {
      content.delete(keyIdentity(entry.mapKey as KeyValue));
      if (content.size === 0) record.cells[cell] = undefined;
    }
    if (isEmpty(record)) this.#idle.push(record);
  }

  #account(entry: StateEntry, now: Committed): void {
    const { cell, committed } = entry;
    const timerBytes = this.#cells[cell]?.onLoad === undefined ? 0 : armedTimerBytes;
    const size = (held: Committed): number => (held === absent ? 0 : sizeOf(held) + timerBytes);
    this.#bytes[cell] = (this.#bytes[cell] ?? 0) + size(now) - size(committed);
  }

  #cellOf(name: string): number {
    const cell = this.#cellByName.get(name);
    if (cell === undefined) {
      throw stateError("state-unknown", {
        message: `Stage "${this.stage}" has persisted state "${name}", which the job does not declare.`,
        next: "Restore the operator with its uid and state name, or start the job under a new name or folder.",
      });
    }
    return cell;
  }
}

function isEmpty(record: KeyRecord): boolean {
  return record.cells.every((cell) => cell === undefined);
}

/** For so many batches a value that was used stays decoded. */
const rememberedBatches = 8;

/** What a timer costs in memory beside its entry. */
const armedTimerBytes = 64;
