import { packPlain, unpackPlainValue } from "../serde/msgpack.ts";
import { sameBytes } from "../serde/same-bytes.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { KeyRecord } from "./key-record.ts";
import type { ArmedTimer } from "./timer-queue.ts";

/** What an entry held at the last commit: nothing, a primitive as it is, anything else as its bytes. */
export type Committed = Uint8Array | string | number | boolean | bigint | null | typeof absent;

/** The entry does not exist. */
export const absent: unique symbol = Symbol("absent");
/** The value has not been decoded from its bytes yet. */
const undecoded: unique symbol = Symbol("undecoded");

/**
 * One unit of state: a value of a key, or one entry of a map of a key. It decodes lazily and remembers what was
 * committed, so that a batch can be undone whatever user code did to the value in place, and so that only what really
 * changed is written.
 */
export class StateEntry<V = unknown, K extends KeyValue | undefined = KeyValue | undefined> {
  readonly record: KeyRecord;
  /** Index of the state in its subtask. */
  readonly cell: number;
  /** Key within a map; undefined for a value. */
  readonly mapKey: K;
  committed: Committed;
  /** The last batch that has used it, by its number: it is looked at when that batch ends. */
  touchedIn = 0;
  /** The timer that is armed for the entry; it goes with it. */
  timer: ArmedTimer | undefined;
  #value: unknown;

  constructor(
    place: {
      readonly record: KeyRecord;
      readonly cell: number;
      readonly mapKey: K;
    },
    committed: Committed,
  ) {
    this.record = place.record;
    this.cell = place.cell;
    this.mapKey = place.mapKey;
    this.committed = committed;
    this.#value = asValue(committed);
  }

  get exists(): boolean {
    return this.#value !== absent;
  }

  /** The value; undefined where the entry does not exist. */
  get value(): V {
    if (this.#value === undecoded) this.#value = unpackPlainValue(this.committed as Uint8Array);
    return (this.#value === absent ? undefined : this.#value) as V;
  }

  set value(value: V) {
    this.#value = value;
  }

  remove(): void {
    this.#value = absent;
    this.timer?.disarm();
  }

  /** Whether the value is surely what was committed: an object that was read may have been changed in place. */
  get unread(): boolean {
    return this.#value === undecoded;
  }

  /** What would be committed now; `about` names the state, for the error. */
  encode(about: string): Committed {
    if (this.#value === absent) return absent;
    if (this.#value === undecoded) return this.committed;
    return encodeCommitted(this.#value, about);
  }

  /** Lets go of the value, between batches: its bytes tell what it is. */
  forget(): void {
    this.#value = asValue(this.committed);
  }

  /** Takes over what was committed elsewhere, or back to what was committed before. */
  reset(committed: Committed): void {
    this.committed = committed;
    this.#value = asValue(committed);
    this.touchedIn = 0;
    if (committed === absent) this.timer?.disarm();
  }
}

function asValue(committed: Committed): unknown {
  return committed instanceof Uint8Array ? undecoded : committed;
}

/** @throws MillraceError `value-not-storable` */
export function encodeCommitted(value: unknown, about: string): Committed {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return value;
    default:
      return value === null ? null : packPlain(value, about);
  }
}

/** A value of a delta: bytes are views of the whole message that they came in. */
export function committedOf(value: unknown): Committed {
  if (value === undefined) return absent;
  return value instanceof Uint8Array ? ownBytes(value) : (value as Committed);
}

/** An entry costs its value plus about this much for key and place. */
const entryOverheadBytes = 16;

/** Approximate size of an entry as encoded. */
export function sizeOf(committed: Exclude<Committed, typeof absent>): number {
  if (committed instanceof Uint8Array) return entryOverheadBytes + committed.length;
  return entryOverheadBytes + (typeof committed === "string" ? committed.length : 8);
}

/** Bytes without the buffer that they were cut from: an entry lives long, and would keep all of it. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  const own = new Uint8Array(bytes.length);
  own.set(bytes);
  return own;
}

export function sameCommitted(left: Committed, right: Committed): boolean {
  if (left instanceof Uint8Array && right instanceof Uint8Array) return sameBytes(left, right);
  return Object.is(left, right);
}
