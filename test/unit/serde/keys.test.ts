import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KeyValue } from "../../../runtime/index.ts";
import { groupOfKey } from "../../../runtime/serde/hash-space.ts";
import { compareKeys } from "../../../runtime/serde/compare-keys.ts";
import { keyBytes } from "../../../runtime/serde/key-bytes.ts";
import { keyIdentity } from "../../../runtime/serde/key-identity.ts";
import { ownKey } from "../../../runtime/serde/own-key.ts";

interface Golden {
  readonly bytes: string;
  /** Of 1,024. */
  readonly group: number;
}

/** Frozen: these bytes decide where the state of every deployed job is. */
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../golden/keys.json"), "utf8"),
) as Readonly<Record<string, Golden>>;

const keys: Readonly<Record<string, KeyValue>> = {
  "empty string": "",
  "string of ASCII": "SEA",
  "string beyond ASCII": "Zürich 🛫",
  "string that begins with NUL": "\0a",
  zero: 0,
  one: 1,
  "negative fraction": -0.5,
  "largest safe integer": Number.MAX_SAFE_INTEGER,
  infinity: Number.POSITIVE_INFINITY,
  "bigint zero": 0n,
  "bigint 255": 255n,
  "bigint -256": -256n,
  "bigint 2^64": 2n ** 64n,
  true: true,
  false: false,
  "empty tuple": [],
  pair: ["SEA", 7],
  "nested tuple": [["a"], [1, [true]]],
  record: { b: 1, a: "x" },
  "nested record": { at: { x: 1, y: [2] } },
};

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const keyValue = fc.letrec<{ key: KeyValue }>((tie) => ({
  key: fc.oneof(
    { maxDepth: 3 },
    fc.string({ maxLength: 8, unit: "binary" }),
    fc.double({ noNaN: true }),
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
    fc.boolean(),
    fc.array(tie("key"), { maxLength: 3 }),
    fc.dictionary(fc.string({ maxLength: 3 }), tie("key"), { maxKeys: 3 }),
  ),
})).key;

describe("the canonical bytes of a key", () => {
  for (const [name, key] of Object.entries(keys)) {
    test(`${name}: bytes and group are those of the golden file`, () => {
      const bytes = keyBytes(key);
      expect({ bytes: hexOf(bytes), group: groupOfKey(key, 1024) }).toEqual(golden[name]);
    });
  }

  test("the golden file holds nothing else", () => {
    expect(Object.keys(golden).sort()).toEqual(Object.keys(keys).sort());
  });

  test("are those of the key, though another one's are asked for while they are written", () => {
    const inner = { a: [1, "x"] };
    const key = {
      get a() {
        return keyBytes(inner).length;
      },
      b: "behind",
    };
    expect(keyBytes(key)).toEqual(keyBytes({ a: keyBytes(inner).length, b: "behind" }));
  });

  test("-0 is 0, also within tuples and records", () => {
    expect(keyBytes(-0)).toEqual(keyBytes(0));
    expect(keyBytes([{ a: -0 }])).toEqual(keyBytes([{ a: 0 }]));
  });

  test("the order of a record's fields does not matter", () => {
    expect(keyBytes({ b: 1, a: 2, c: 3 })).toEqual(keyBytes({ c: 3, a: 2, b: 1 }));
    expect(keyBytes({ a: 1, b: 2 })).not.toEqual(keyBytes({ a: 2, b: 1 }));
  });

  test("texts that were cut within an emoji are keys of their own", () => {
    const cut = ["\ud83d", "\ud83c", "\udeeb", "\ufffd", "a\ud83db", "\ud83d\udeeb"];
    expect(new Set(cut.map((key) => hexOf(keyBytes(key)))).size).toBe(cut.length);
    expect(new Set(cut.map((key) => keyIdentity([key]))).size).toBe(cut.length);
    expect(keyBytes("\ud83d")).toEqual(Uint8Array.of(1, 0, 0, 0, 3, 0xed, 0xa0, 0xbd));
  });

  test("NaN, null, undefined, classes, deep and long keys are refused, saying why", () => {
    const deep = Array.from({ length: 10 }).reduce<KeyValue>((inner) => [inner], 1);
    const refused: readonly [unknown, string][] = [
      [Number.NaN, "NaN"],
      [[1, Number.NaN], "NaN"],
      [null, "null"],
      [undefined, "undefined"],
      [new Date(0), "class"],
      [deep, "deeper"],
      ["x".repeat(2_049), "longer"],
      [Array.from({ length: 300 }, () => "12345678"), "longer"],
    ];
    for (const [key, why] of refused)
      expect(() => keyBytes(key as KeyValue), why).toThrow(
        expect.objectContaining({ code: "key-invalid", message: expect.stringContaining(why) }),
      );
    // A text alone is looked up before anybody needs its bytes.
    for (const [key, why] of refused.filter(([key]) => typeof key !== "string"))
      expect(() => keyIdentity(key as KeyValue), why).toThrow(
        expect.objectContaining({ code: "key-invalid", message: expect.stringContaining(why) }),
      );
  });

  test("two keys have the same identity exactly where they have the same bytes", () => {
    fc.assert(
      fc.property(keyValue, keyValue, (left, right) => {
        const sameBytes = hexOf(keyBytes(left)) === hexOf(keyBytes(right));
        expect(new Set([keyIdentity(left), keyIdentity(right)]).size === 1).toBe(sameBytes);
        expect(new Set([keyIdentity(left), keyIdentity(structuredClone(left))]).size).toBe(1);
      }),
      { numRuns: 500 },
    );
  });
});

describe("a key as it is kept", () => {
  test("is one form of all equal keys, and nobody can change it", () => {
    fc.assert(
      fc.property(keyValue, (key) => {
        const own = ownKey(key);
        expect(keyBytes(own)).toEqual(keyBytes(key));
        expect(compareKeys(own, key)).toBe(0);
        if (typeof own === "object") expect(Object.isFrozen(own)).toBe(true);
      }),
    );
    expect(JSON.stringify(ownKey({ b: [{ d: 1, c: 2 }], a: 0 }))).toBe(
      JSON.stringify({ a: 0, b: [{ c: 2, d: 1 }] }),
    );
    expect(Object.is(ownKey(-0), 0)).toBe(true);
  });

  test("has one place in the order of all keys", () => {
    fc.assert(
      fc.property(fc.array(keyValue, { maxLength: 8 }), (keys) => {
        const bytes = (ordered: readonly KeyValue[]) => ordered.map((key) => hexOf(keyBytes(key)));
        const ordered = keys.toSorted(compareKeys);
        expect(bytes(keys.toReversed().sort(compareKeys))).toEqual(bytes(ordered));
      }),
    );
    expect(["b", 10n, 9, true, "a", [1], 10].toSorted(compareKeys)).toEqual([
      true,
      9,
      10,
      10n,
      "a",
      "b",
      [1],
    ]);
  });
});
