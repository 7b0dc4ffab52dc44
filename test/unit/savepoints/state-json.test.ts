import { expect, test } from "vitest";
import { keyOfJson, stateJson } from "../../../runtime/savepoints/index.ts";

test.each([
  [1n, { $bigint: "1" }],
  [Number.NaN, { $number: "NaN" }],
  [Number.NEGATIVE_INFINITY, { $number: "-Infinity" }],
  [new Date(0), { $date: "1970-01-01T00:00:00.000Z" }],
  [new Date(Number.NaN), { $date: null }],
  [Uint8Array.of(1, 2, 255), { $bytes: "AQL/" }],
  [
    Float64Array.of(1.5, Infinity),
    { $array: { type: "Float64Array", items: [1.5, { $number: "Infinity" }] } },
  ],
  [BigInt64Array.of(-3n), { $array: { type: "BigInt64Array", items: [{ $bigint: "-3" }] } }],
  [new Map([["a", 2n]]), { $map: [["a", { $bigint: "2" }]] }],
  [new Set([1, "b"]), { $set: [1, "b"] }],
  [/a+/gi, { $regexp: ["a+", "gi"] }],
  [new RangeError("far"), { $error: { name: "RangeError", message: "far" } }],
  [{ a: undefined }, { a: { $undefined: true } }],
  [{ $set: [1] }, { $object: { $set: [1] } }],
  [{ plain: [null, true, "x", 1.5] }, { plain: [null, true, "x", 1.5] }],
])("%o stands as %j", (value, json) => {
  expect(stateJson(value)).toEqual(json);
  expect(JSON.parse(JSON.stringify(stateJson(value)))).toEqual(json);
});

test.each([["text"], [42], [true], [12n], [["SEA", 1n]], [{ at: 1, of: ["a"] }], [{ $x: 1 }]])(
  "the key %o comes back from its JSON",
  (key) => expect(keyOfJson(JSON.parse(JSON.stringify(stateJson(key))))).toEqual(key),
);
