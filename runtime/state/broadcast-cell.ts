import type { KeyValue } from "../graph/key-value.ts";
import { compareKeys } from "../serde/compare-keys.ts";
import { keyIdentity } from "../serde/key-identity.ts";
import { unpackPlainValue } from "../serde/msgpack.ts";
import { ownKey } from "../serde/own-key.ts";
import { frozen } from "./frozen.ts";
import type { Identity } from "./key-record.ts";
import type { CellName } from "./keyed-state.ts";
import { absent, type Committed, encodeCommitted, sizeOf } from "./state-entry.ts";

/** One entry: its bytes, and the frozen value that they are once somebody has asked for it. */
interface Entry {
  readonly mapKey: KeyValue;
  readonly kept: Exclude<Committed, typeof absent>;
  value: unknown;
}

/** An entry as it is in a delta. */
export interface KeptEntry {
  readonly mapKey: KeyValue;
  /** Undefined: it is gone. */
  readonly committed: unknown;
}

/**
 * One map of a slot's copy of broadcast state. Values become bytes when they are set, so that nobody can change one in place. Within a step
 * entries are set and removed; `accept` or `undo` ends it.
 */
export class BroadcastCell {
  /** "uid/name". */
  readonly name: string;
  readonly uid: string;
  /** Approximate size as encoded. */
  bytes = 0;
  readonly #entries = new Map<Identity, Entry>();
  /** By ascending key; undefined until somebody asks. */
  #ordered: readonly Entry[] | undefined;
  /** What the step has changed, as it was before. */
  readonly #before = new Map<
    Identity,
    { readonly mapKey: KeyValue; readonly entry: Entry | undefined }
  >();

  constructor({ uid, name }: CellName) {
    this.uid = uid;
    this.name = `${uid}/${name}`;
  }

  has(mapKey: KeyValue): boolean {
    return this.#entries.has(keyIdentity(mapKey));
  }

  get(mapKey: KeyValue): unknown {
    const entry = this.#entries.get(keyIdentity(mapKey));
    return entry === undefined ? undefined : valueOf(entry);
  }

  isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** By ascending key: copies were filled in orders of their own. What is set meanwhile is not visited. */
  *entries(): IterableIterator<readonly [KeyValue, unknown]> {
    this.#ordered ??= [...this.#entries.values()].toSorted((one, other) =>
      compareKeys(one.mapKey, other.mapKey),
    );
    for (const entry of this.#ordered) yield [entry.mapKey, valueOf(entry)] as const;
  }

  /** @throws MillraceError `value-not-storable` */
  set(mapKey: KeyValue, value: unknown): void {
    this.#change(ownKey(mapKey), encodeCommitted(value, `State "${this.name}"`));
  }

  delete(mapKey: KeyValue): void {
    if (this.has(mapKey)) this.#change(mapKey, absent);
  }

  clear(): void {
    for (const { mapKey } of this.#entries.values()) this.delete(mapKey);
  }

  /** What the step has changed, as it is now. */
  changed(): readonly KeptEntry[] {
    return Array.from(this.#before, ([identity, { mapKey }]) => ({
      mapKey,
      committed: this.#entries.get(identity)?.kept,
    }));
  }

  /** All that is committed, also amid a step: a part may be due then (protocol 3.4). */
  committed(): readonly KeptEntry[] {
    const unchanged = [...this.#entries].filter(([identity]) => !this.#before.has(identity));
    const changed = [...this.#before.values()].flatMap(({ entry }) => entry ?? []);
    const all = [...unchanged.map(([, entry]) => entry), ...changed];
    return all.map(({ mapKey, kept }) => ({ mapKey, committed: kept }));
  }

  accept(): void {
    this.#before.clear();
  }

  undo(): void {
    for (const [identity, { entry }] of this.#before) this.#put(identity, entry);
    this.#before.clear();
  }

  /** Takes over what was committed elsewhere. */
  put(mapKey: KeyValue, kept: Committed): void {
    const entry = kept === absent ? undefined : { mapKey, kept, value: undefined };
    this.#put(keyIdentity(mapKey), entry);
  }

  #change(mapKey: KeyValue, kept: Committed): void {
    const identity = keyIdentity(mapKey);
    if (!this.#before.has(identity))
      this.#before.set(identity, { mapKey, entry: this.#entries.get(identity) });
    this.put(mapKey, kept);
  }

  #put(identity: Identity, entry: Entry | undefined): void {
    const old = this.#entries.get(identity);
    this.bytes += bytesOf(entry) - bytesOf(old);
    if (entry === undefined) this.#entries.delete(identity);
    else this.#entries.set(identity, entry);
    this.#ordered = undefined;
  }
}

function bytesOf(entry: Entry | undefined): number {
  return entry === undefined ? 0 : sizeOf(entry.kept);
}

function valueOf(entry: Entry): unknown {
  const { kept } = entry;
  if (!(kept instanceof Uint8Array)) return kept;
  return (entry.value ??= frozen(unpackPlainValue(kept)));
}
