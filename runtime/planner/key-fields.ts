import type { KeyFields } from "../graph/key-value.ts";
import { synchronous } from "../graph/synchronous.ts";

type Selector = (value: never) => unknown;

/** Values that fields are given in turn: a selector that passes on all of them does nothing else to a field. */
const probes = [undefined, null, false, true, 0, 1.5, Number.NaN, "", "\u0000a probe B\u0000"];

/**
 * Calls a selector with an element that records what is read of it. `(f) => f.origin` and `(f) => [f.a, f.b]` are seen;
 * anything else, also `f.a ?? "none"` or `f.a.b`, answers undefined. Never throws. It can't see that a selector treats one
 * particular value differently, if it reads each field once.
 */
export function seenKey(select: Selector): KeyFields | undefined {
  const taken = takenFields(select);
  if (taken === undefined) return undefined;
  const { key, read } = taken;
  const passesOn = probes.every((probe) => {
    const call = callWith(select, () => probe);
    if (call === undefined || !sameTexts(call.read, read)) return false;
    if (key.kind === "field") return Object.is(call.key, probe);
    if (!Array.isArray(call.key) || call.key.length !== key.fields.length) return false;
    return call.key.every((part) => Object.is(part, probe));
  });
  return passesOn ? key : undefined;
}

/** Gives each field an object of its own, so that what comes back tells which field it is. */
function takenFields(select: Selector): { key: KeyFields; read: readonly string[] } | undefined {
  const fieldOf = new Map<unknown, string>();
  const values = new Map<string, object>();
  const call = callWith(select, (field) => {
    const value = values.get(field) ?? Object.freeze({ field });
    values.set(field, value);
    fieldOf.set(value, field);
    return value;
  });
  if (call === undefined) return undefined;
  const { key, read } = call;
  const isTuple = Array.isArray(key);
  const parts: readonly unknown[] = isTuple ? key : [key];
  const fields = parts.map((part) => fieldOf.get(part)).filter((field) => field !== undefined);
  // What is read but not taken may decide what is taken.
  const nothingElse =
    fields.length === parts.length && sameTexts(fields.toSorted(), read.toSorted());
  const [first] = fields;
  if (!nothingElse || first === undefined) return undefined;
  return { key: isTuple ? { kind: "tuple", fields } : { kind: "field", fields: [first] }, read };
}

interface Call {
  readonly key: unknown;
  /** Names of the fields that were read, in order. */
  readonly read: readonly string[];
}

function callWith(select: Selector, valueOf: (field: string) => unknown): Call | undefined {
  const read: string[] = [];
  const element = new Proxy(Object.freeze({}), {
    get(_, field) {
      if (typeof field === "symbol") return refuse();
      read.push(field);
      return valueOf(field);
    },
    has: refuse,
    ownKeys: refuse,
    getOwnPropertyDescriptor: refuse,
    getPrototypeOf: refuse,
  });
  try {
    return { key: synchronous(select(element as never), "keyBy"), read };
  } catch {
    // A selector that doesn't work on a probe does more than take fields.
    return undefined;
  }
}

function sameTexts(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index]);
}

function refuse(): never {
  throw new Error("A key selector that takes fields needs nothing else of its element.");
}
