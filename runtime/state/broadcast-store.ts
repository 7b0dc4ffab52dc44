import { stateError } from "../errors/millrace-error.ts";
import type { KeyValue } from "../graph/key-value.ts";
import { compareKeys } from "../serde/compare-keys.ts";
import { keyIdentity } from "../serde/key-bytes.ts";
import { unpackPlainValue } from "../serde/msgpack.ts";
import { ownKey } from "../serde/own-key.ts";
import { type BroadcastDelta, broadcastDelta, entriesOf } from "./broadcast-delta.ts";
import { frozen } from "./frozen.ts";
import type { Identity } from "./key-record.ts";
import { type CellName } from "./keyed-state.ts";
import { absent, type Committed, committedOf, encodeCommitted, sizeOf } from "./state-entry.ts";

/** One entry: its bytes, and the frozen value that they are once somebody has asked for it. */
interface Entry {
  readonly mapKey: KeyValue;
  readonly kept: Exclude<Committed, typeof absent>;
  value: unknown;
}

interface Cell {
  readonly name: string;
  readonly uid: string;
  readonly entries: Map<Identity, Entry>;
  /** By ascending key; undefined until somebody asks. */
  ordered: readonly Entry[] | undefined;
  /** Approximate size as encoded. */
  bytes: number;
  /** What the step has changed, as it was before. */
  readonly before: Map<Identity, { readonly mapKey: KeyValue; readonly entry: Entry | undefined }>;
}

/**
 * A slot's copy of what was broadcast to a stage (protocol 4.9): maps without a key above them, all in memory. Within a step entries are
 * set and removed; then `prepare` gives what changed, and `accept` or `undo` ends the step. Values become bytes when they are set, so that
 * nobody can change one in place.
 */
export class BroadcastStore {
  readonly #stage: string;
  readonly #cells: Cell[] = [];

  constructor(stage: string) {
    this.#stage = stage;
  }

  /** Declares a state of an operator, before anything is read; answers its place. */
  declare({ uid, name }: CellName): number {
    const cell = { name: `${uid}/${name}`, uid, bytes: 0, ordered: undefined };
    return this.#cells.push({ ...cell, entries: new Map(), before: new Map() }) - 1;
  }

  has(cell: number, mapKey: KeyValue): boolean {
    return this.#at(cell).entries.has(keyIdentity(mapKey));
  }

  get(cell: number, mapKey: KeyValue): unknown {
    const entry = this.#at(cell).entries.get(keyIdentity(mapKey));
    return entry === undefined ? undefined : valueOf(entry);
  }

  isEmpty(cell: number): boolean {
    return this.#at(cell).entries.size === 0;
  }

  /** By ascending key: copies were filled in orders of their own. What is set meanwhile is not visited. */
  *entries(cell: number): IterableIterator<readonly [KeyValue, unknown]> {
    const of = this.#at(cell);
    of.ordered ??= [...of.entries.values()].toSorted((one, other) =>
      compareKeys(one.mapKey, other.mapKey),
    );
    for (const entry of of.ordered) yield [entry.mapKey, valueOf(entry)] as const;
  }

  /** @throws MillraceError `value-not-storable` */
  set(cell: number, mapKey: KeyValue, value: unknown): void {
    const kept = encodeCommitted(value, `State "${this.#at(cell).name}"`);
    if (kept !== absent) this.#change(cell, ownKey(mapKey), kept);
  }

  delete(cell: number, mapKey: KeyValue): void {
    if (this.has(cell, mapKey)) this.#change(cell, mapKey, absent);
  }

  clear(cell: number): void {
    for (const { mapKey } of this.#at(cell).entries.values()) this.delete(cell, mapKey);
  }

  /** What the step changed; undefined where nothing did. Then either `accept` or `undo` must follow. */
  prepare(): BroadcastDelta | undefined {
    const changed = this.#cells.flatMap(({ entries, before }, cell) =>
      Array.from(before, ([identity, { mapKey }]) => ({
        cell,
        mapKey,
        committed: entries.get(identity)?.kept,
      })),
    );
    return changed.length === 0 ? undefined : broadcastDelta(this.#names(), changed);
  }

  accept(): void {
    for (const { before } of this.#cells) before.clear();
  }

  undo(): void {
    for (const [cell, { before }] of this.#cells.entries()) {
      for (const { mapKey, entry } of before.values()) this.#put(cell, mapKey, entry);
      before.clear();
    }
  }

  /** Applies what another environment committed, or all of a copy. */
  apply(delta: BroadcastDelta): void {
    const cells = delta.cells.map((name) => this.#cellOf(name));
    for (const { cell, mapKey, committed } of entriesOf(delta)) {
      const kept = committedOf(committed);
      const entry = kept === absent ? undefined : { mapKey, kept, value: undefined };
      this.#put(cells[cell] as number, mapKey, entry);
    }
  }

  /** All that is committed, also amid a step: a part may be due then (protocol 3.4). Undefined where there is nothing. */
  snapshot(): BroadcastDelta | undefined {
    const all = this.#cells.flatMap((of, cell) =>
      committedOfCell(of).map(({ mapKey, kept }) => ({ cell, mapKey, committed: kept })),
    );
    return all.length === 0 ? undefined : broadcastDelta(this.#names(), all);
  }

  /** Approximate size as encoded. */
  get bytes(): number {
    return this.#cells.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The same by uid of the operator. */
  bytesByOperator(): ReadonlyMap<string, number> {
    const byOperator = new Map<string, number>();
    for (const { uid, bytes } of this.#cells)
      byOperator.set(uid, (byOperator.get(uid) ?? 0) + bytes);
    return byOperator;
  }

  #names(): Pick<BroadcastDelta, "stage" | "cells"> {
    return { stage: this.#stage, cells: this.#cells.map(({ name }) => name) };
  }

  #at(cell: number): Cell {
    return this.#cells[cell] as Cell;
  }

  #change(cell: number, mapKey: KeyValue, kept: Committed): void {
    const { entries, before } = this.#at(cell);
    const identity = keyIdentity(mapKey);
    if (!before.has(identity)) before.set(identity, { mapKey, entry: entries.get(identity) });
    this.#put(cell, mapKey, kept === absent ? undefined : { mapKey, kept, value: undefined });
  }

  #put(cell: number, mapKey: KeyValue, entry: Entry | undefined): void {
    const of = this.#at(cell);
    const identity = keyIdentity(mapKey);
    const old = of.entries.get(identity);
    if (old !== undefined) of.bytes -= sizeOf(old.kept);
    if (entry === undefined) of.entries.delete(identity);
    else {
      of.entries.set(identity, entry);
      of.bytes += sizeOf(entry.kept);
    }
    of.ordered = undefined;
  }

  #cellOf(name: string): number {
    const cell = this.#cells.findIndex((candidate) => candidate.name === name);
    if (cell !== -1) return cell;
    throw stateError("state-unknown", {
      message: `Stage "${this.#stage}" has persisted broadcast state "${name}", which the job does not declare.`,
      next: "Restore the operator with its uid and state name, or start the job under a new name or folder.",
    });
  }
}

function committedOfCell({ entries, before }: Cell): readonly Entry[] {
  const unchanged = [...entries].filter(([identity]) => !before.has(identity));
  const changed = Array.from(before.values(), ({ entry }) => entry).filter(
    (entry) => entry !== undefined,
  );
  return [...unchanged.map(([, entry]) => entry), ...changed];
}

function valueOf(entry: Entry): unknown {
  const { kept } = entry;
  if (!(kept instanceof Uint8Array)) return kept;
  return (entry.value ??= frozen(unpackPlainValue(kept)));
}
