import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { Packr } from "msgpackr";
import { describe, expect, test } from "vitest";
import { copyInPassing, copyValue } from "../../../runtime/serde/copy-value.ts";
import {
  packMessage,
  packPlain,
  unpackMessage,
  unpackPlain,
  unpackPlainValue,
  unpackValue,
} from "../../../runtime/serde/msgpack.ts";
import { readMessage } from "../../../runtime/serde/read-message.ts";
import { rounds } from "../../rounds.ts";

const library = new Packr({ useRecords: true, moreTypes: true, useBigIntExtension: true });

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary-ascii", minLength: 30, maxLength: 400 }),
  // Units, halves of pairs among them.
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 70 })
    .map((units) => String.fromCharCode(...units)),
);
const name = fc.oneof(
  text,
  fc.constantFrom("__proto__", "constructor", "toJSON", "length", "0", ""),
);
const typedArray = fc.oneof(
  fc.uint8Array(),
  fc.int8Array(),
  fc.uint8ClampedArray(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
);

/** Fields, "__proto__" among them, as JSON makes them. */
function recordOf(entries: readonly (readonly [string, unknown])[], bare: boolean): object {
  const record = bare ? (Object.create(null) as object) : {};
  for (const [field, value] of entries)
    Object.defineProperty(record, field, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  return record;
}

const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    text,
    fc.double(),
    fc.constantFrom(null, undefined, true, false, -0, 0),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
    fc.date({ noInvalidDate: false }),
    typedArray,
    fc.uint8Array().map((bytes) => bytes.buffer.slice(0, bytes.length)),
    fc.uint8Array().map((bytes) => new DataView(bytes.slice().buffer)),
    fc.constantFrom(/a/giu, /[/\n]+/),
    fc.array(tie("value")),
    fc
      .tuple(fc.array(fc.tuple(name, tie("value")), { maxLength: 5 }), fc.boolean())
      .map(([entries, bare]) => recordOf(entries, bare)),
    fc
      .array(fc.tuple(tie("value"), tie("value")), { maxLength: 3 })
      .map((entries) => new Map(entries)),
    fc.array(tie("value"), { maxLength: 3 }).map((members) => new Set(members)),
  ),
})).value;

const expectSame = (actual: unknown, expected: unknown): void => {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected);
  expect(isDeepStrictEqual(actual, expected)).toBe(true);
};

describe("a value that is kept or sent", () => {
  test("comes back as it was, in state, over the wire and as a copy", () => {
    fc.assert(
      fc.property(value, (each) => {
        expectSame(unpackValue(packMessage(each)), each);
        expectSame(unpackMessage(packMessage([each, each])), [each, each]);
        // By the reader alone: what it can't read, another one is asked for.
        expectSame(readMessage(packMessage(each), { isPlain: false, copies: true }), each);
        expectSame(unpackPlainValue(packPlain(each)), each);
        expectSame(unpackPlain(packPlain([each, each])), [each, each]);
        expectSame(copyValue(each, "it"), each);
        expectSame(copyInPassing(each), each);
      }),
      { numRuns: rounds({ few: 400, many: 2_000 }) },
    );
  });

  test("is written byte for byte as before, where that came back as it was", () => {
    const plain = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4, depthSize: "small" },
        fc.string({ unit: "grapheme", maxLength: 300 }),
        fc.double({ noNaN: true }).map((each) => each + 0 || 1),
        fc.integer(),
        fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
        fc.constantFrom(null, undefined, true, false),
        fc.date({ noInvalidDate: true }),
        typedArray,
        fc.array(tie("value")),
        fc.dictionary(
          fc.string({ unit: "grapheme-ascii" }).filter((field) => field !== "__proto__"),
          tie("value"),
          {
            noNullPrototype: true,
          },
        ),
        fc.array(tie("value"), { maxLength: 3 }).map((members) => new Set(members)),
        fc
          .array(fc.tuple(tie("value"), tie("value")), { maxLength: 3 })
          .map((each) => new Map(each)),
      ),
    })).value;
    fc.assert(
      fc.property(plain, (each) => {
        expect(packMessage(each)).toEqual(Uint8Array.from(library.pack(each)));
      }),
      { numRuns: rounds({ few: 400, many: 2_000 }) },
    );
  });

  test("may have more shapes of records than there are ids for", () => {
    const shapes = Array.from({ length: 200 }, (_, at) => ({ [`f${at % 90}`]: at, n: at }));
    expect(unpackMessage(packMessage(shapes))).toEqual(shapes);
    expect(readMessage(packMessage(shapes), { isPlain: false, copies: false })).toEqual(shapes);
  });

  test("is read as well where msgpackr has written it, in ways of its own", () => {
    const shapes = Array.from({ length: 200 }, (_, at) => ({ [`f${at % 90}`]: at, n: at }));
    const floats = new Packr({ useRecords: true, moreTypes: true, useFloat32: 3 });
    const failed = { at: new Error("lost") };
    for (const each of [shapes, [shapes, shapes]])
      expect(unpackMessage(library.pack(each))).toEqual(each);
    expect(unpackMessage(floats.pack([0.5, { n: 1.25 }]))).toEqual([0.5, { n: 1.25 }]);
    expect(unpackValue(library.pack(failed))).toEqual(failed);
  });

  test("is not taken for another one where bytes of it are missing or follow", () => {
    const bytes = packMessage({
      id: "a",
      of: [{ id: "b", at: 1.5 }, new Map([[1, new Set([2n])]])],
    });
    const read = (part: Uint8Array) => readMessage(part, { isPlain: false, copies: false });
    for (let end = 0; end < bytes.length; end++)
      expect(() => read(bytes.subarray(0, end)), `of ${end} bytes`).toThrow();
    expect(() => read(Uint8Array.of(...bytes, 0))).toThrow("follow");
  });

  test("shares nothing with its bytes or its copy", () => {
    const bytes = packMessage({
      raw: Uint8Array.of(1, 2),
      list: [{ n: 1 }],
      map: new Map([[1, { n: 1 }]]),
    });
    type Kept = { raw: Uint8Array; list: { n: number }[]; map: Map<number, { n: number }> };
    const read = unpackValue(bytes) as Kept;
    const copy = copyValue(read, "it");
    copy.raw[0] = 9;
    copy.list[0]!.n = 9;
    copy.map.get(1)!.n = 9;
    expect(read.raw[0]).toBe(1);
    read.raw[0] = 9;
    read.list[0]!.n = 9;
    expect(unpackValue(bytes)).toEqual({
      raw: Uint8Array.of(1, 2),
      list: [{ n: 1 }],
      map: new Map([[1, { n: 1 }]]),
    });
  });
});

class Address {
  readonly street = "x";
}
class Lookup extends Map<string, number> {}
const withSymbol = { [Symbol("s")]: 1 };
const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;
const deep = Array.from({ length: 1_100 }).reduce<unknown>((inner) => [inner], 1);

describe("a value that would not come back as it was is refused with its place", () => {
  const cases: Readonly<Record<string, readonly [value: unknown, message: string]>> = {
    "an instance of a class": [
      { order: { address: new Address() } },
      "value.order.address is an instance of Address",
    ],
    "a subclass of Map": [[new Lookup()], "value[0] is an instance of Lookup"],
    Buffer: [Buffer.from("a"), "the value is an instance of Buffer"],
    URL: [{ "a b": new URL("http://a") }, 'value["a b"] is an instance of URL'],
    Headers: [new Map([["k", new Headers()]]), 'value.get("k") is an instance of Headers'],
    URLSearchParams: [new URLSearchParams("a=1"), "an instance of URLSearchParams"],
    "a boxed number": [Object(1), "an instance of Number"],
    "a boxed text": [new Set([Object("a")]), "value.values() is an instance of String"],
    Error: [{ failure: new Error("x", { cause: 1 }) }, "value.failure is an instance of Error"],
    "a field under a symbol": [withSymbol, "a symbol or a hidden property"],
    "a hidden field": [
      Object.defineProperty({}, "x", { value: 1 }),
      "a symbol or a hidden property",
    ],
    // oxlint-disable-next-line no-sparse-arrays
    "a gap in an array": [{ list: [1, , 3] }, "value.list is an array with gaps"],
    "an array that ends in a gap": [Object.assign([], { length: 2 }), "an array with gaps"],
    "an array with properties": [/a/.exec("a"), "an array with gaps or with properties"],
    "a map with properties": [
      Object.assign(new Map(), { x: 1 }),
      "a Map with more than its content",
    ],
    "a function": [{ f: () => 1 }, "value.f is a function"],
    "a symbol": [{ s: Symbol("x") }, "value.s is a symbol"],
    WeakMap: [new WeakMap(), "an instance of WeakMap"],
    promise: [{ p: Promise.resolve(1) }, "value.p is an instance of Promise"],
    "shared memory": [
      new Uint8Array(new SharedArrayBuffer(1)),
      "a Uint8Array with more than its content",
    ],
    "memory that grows": [
      new ArrayBuffer(1, { maxByteLength: 2 }),
      "an ArrayBuffer with more than its content".slice(3),
    ],
    "a search in progress": [
      Object.assign(/a/g, { lastIndex: 1 }),
      "a RegExp with more than its content",
    ],
    iterators: [[1].values(), "an instance of"],
    arguments: [
      (function () {
        // oxlint-disable-next-line prefer-rest-params
        return arguments;
      })(),
      "a symbol or a hidden property",
    ],
  };
  for (const [name, [refusedValue, message]] of Object.entries(cases)) {
    test(`${name}: the error says where and what`, () => {
      const refusal = expect.objectContaining({
        code: "value-not-storable",
        message: expect.stringContaining(message),
      });
      expect(() => packMessage(refusedValue, 'State "s"')).toThrow(refusal);
      expect(() => copyValue(refusedValue, 'State "s"')).toThrow(refusal);
      expect(() => packMessage(refusedValue, 'State "s"')).toThrow(/^State "s": /);
    });
  }

  test("what holds itself or nests too deep has a code of its own", () => {
    for (const each of [cyclic, deep]) {
      const refusal = expect.objectContaining({ code: "value-too-deep" });
      expect(() => packMessage(each, "it")).toThrow(refusal);
      expect(() => copyValue(each, "it")).toThrow(refusal);
    }
  });

  test("hostile objects are refused, and nothing else is thrown", () => {
    const throwing = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("no");
        },
        getPrototypeOf: () => {
          throw new Error("no");
        },
      },
    );
    expect(() => copyValue({ a: throwing }, "it")).toThrow();
    expect(() => packMessage({ a: throwing }, "it")).toThrow();
    expect(copyValue({ a: { toJSON: "x", constructor: 1 } }, "it")).toEqual({
      a: { toJSON: "x", constructor: 1 },
    });
  });

  test("a getter that takes other fields away is refused: a message would lack their values", () => {
    const shrinking = {
      get first() {
        delete (this as { second?: number }).second;
        return 1;
      },
      second: 2,
    };
    const refusal = expect.objectContaining({ code: "value-not-storable" });
    expect(() => packMessage(shrinking, "it")).toThrow(refusal);
  });

  test("what all objects have been given is no field of a record", () => {
    const inherited: Record<string, unknown> = Object.prototype as never;
    inherited["everywhere"] = 1;
    try {
      expect(unpackMessage(packMessage([{ n: 1 }, { n: 2 }, {}]))).toEqual([
        { n: 1 },
        { n: 2 },
        {},
      ]);
    } finally {
      delete inherited["everywhere"];
    }
  });

  test("in passing, an instance goes as it is, and the plain data around it is copied", () => {
    const address = new Address();
    const order = { address, items: [1] };
    const passed = copyInPassing(order);
    expect(passed.address).toBe(address);
    expect(passed.items).not.toBe(order.items);
    expect(copyInPassing(address)).toBe(address);
    expect(copyInPassing(cyclic)).toBe(cyclic);
  });
});
