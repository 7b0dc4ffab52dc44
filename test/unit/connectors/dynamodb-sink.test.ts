import { describe, expect, test } from "vitest";
import { dynamodbSink } from "../../../runtime/connectors/index.ts";

interface Row {
  readonly origin: string;
  readonly startMs: number;
  readonly [attribute: string]: unknown;
}

const sink = dynamodbSink<{ origin: string; startMs: number }>({
  table: "delays",
  key: ["origin", "startMs"],
});
const encode = (row: unknown, change: "insert" | "replace" | "delete" = "insert") =>
  sink.encode(row as Row, change);
const refused = (code: string, message: RegExp) =>
  expect.objectContaining({ domain: "input", code, message: expect.stringMatching(message) });

describe("a DynamoDB sink", () => {
  test("promises exactly-once results by its key", () => {
    expect(sink).toMatchObject({
      type: "dynamodb",
      target: "delays",
      guarantee: "exactly-once",
      keyFields: ["origin", "startMs"],
    });
  });

  test.each(["insert", "replace"] as const)("writes the row of an element: %s", (change) => {
    const row = { origin: "ANC", startMs: 0, mean: 1.5, tags: ["a", null, { b: true }] };
    expect(encode(row, change)).toEqual({
      kind: "upsert",
      key: { origin: "ANC", startMs: 0 },
      row,
    });
  });

  test("removes the row of a result that is withdrawn", () => {
    expect(encode({ origin: "ANC", startMs: 0, mean: 1 }, "delete")).toEqual({
      kind: "delete",
      key: { origin: "ANC", startMs: 0 },
    });
  });

  test("takes key and attributes of what toRow makes", () => {
    const renamed = dynamodbSink({
      table: "delays",
      key: ["id"],
      toRow: (row: { a: string; b: number }) => ({ id: `${row.a}/${row.b}` }),
    });
    expect(renamed.encode({ a: "x", b: 1 }, "insert")).toEqual({
      kind: "upsert",
      key: { id: "x/1" },
      row: { id: "x/1" },
    });
  });

  test("copies the row: what an operator changes afterwards is not written", () => {
    const row = { origin: "ANC", startMs: 0, seen: [1] };
    const write = encode(row);
    row.seen.push(2);
    expect(write).toMatchObject({ row: { seen: [1] } });
  });

  test("leaves out attributes that are undefined, as JSON does", () => {
    const write = encode({ origin: "ANC", startMs: 0, gate: undefined });
    expect(write).toHaveProperty("row", { origin: "ANC", startMs: 0 });
  });

  test.each([
    [undefined, /undefined/],
    [null, /null/],
    [true, /true/],
    [10n, /10/],
    [{}, /object/],
  ])("refuses %s as a key attribute, by its name", (origin, message) => {
    expect(() => encode({ origin, startMs: 0 })).toThrow(refused("row-key-invalid", message));
    expect(() => encode({ origin, startMs: 0 })).toThrow(/key attribute "origin".*"delays"/);
  });

  test.each([
    ["", /"origin".*empty/],
    ["é".repeat(1_025), /"origin".*2050 bytes; a partition key has 2048/],
    ["\ud800", /"origin".*surrogate/],
  ])("refuses the text %s as a key, as DynamoDB does", (origin, message) => {
    for (const change of ["insert", "delete"] as const)
      expect(() => encode({ origin, startMs: 0 }, change)).toThrow(
        refused("row-not-storable", message),
      );
  });

  test("counts a key's bytes, not its characters, and less of them for a sort key", () => {
    expect(encode({ origin: "é".repeat(1_024), startMs: 0 })).toHaveProperty("kind", "upsert");
    expect(encode({ origin: "ANC", startMs: "é".repeat(512) })).toHaveProperty("kind", "upsert");
    expect(() => encode({ origin: "ANC", startMs: "é".repeat(513) })).toThrow(
      refused("row-not-storable", /"startMs".*1026 bytes; a sort key has 1024/),
    );
  });

  test.each([1e126, 1e-131, -1e126])("refuses the number %d, which DynamoDB can't hold", (mean) => {
    expect(() => encode({ origin: "ANC", startMs: 0, deep: [{ mean }] })).toThrow(
      refused("row-not-storable", /"deep\[0\]\.mean".* is the number/),
    );
  });

  test("refuses the attribute __proto__, which no reader of the SDK would see", () => {
    const row = JSON.parse('{"origin":"ANC","startMs":0,"__proto__":1}') as never;
    expect(() => encode(row)).toThrow(refused("row-not-storable", /"__proto__".*lost/));
    const deep = JSON.parse('{"origin":"ANC","startMs":0,"deep":{"__proto__":1}}') as never;
    expect(encode(deep)).toHaveProperty("kind", "upsert");
  });

  test("refuses a row that is too large to be stored, before it is committed", () => {
    const note = (characters: number) => ({
      origin: "ANC",
      startMs: 0,
      note: "x".repeat(characters),
    });
    expect(encode(note(409_370))).toHaveProperty("kind", "upsert");
    expect(() => encode(note(409_390))).toThrow(refused("row-not-storable", /more than 409400/));
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e126])(
    "refuses %d as a key attribute",
    (startMs) => {
      expect(() => encode({ origin: "ANC", startMs }, "delete")).toThrow(
        refused("row-not-storable", /"startMs"/),
      );
    },
  );

  test.each<[string, unknown, RegExp]>([
    ["a number that isn't finite", { mean: Number.NaN }, /row\.mean is the number NaN/],
    ["a bigint", { sum: 1n }, /row\.sum is a bigint/],
    ["a date", { at: [new Date(0)] }, /row\.at\[0\] is a Date/],
    ["a map", { by: { key: new Map() } }, /row\.by\.key is a Map/],
    ["a function", { call() {} }, /row\.call is a function/],
    ["undefined in an array", { list: [undefined] }, /row\.list\[0\] is undefined/],
    ["a field under a symbol", { by: { [Symbol("unit")]: "ms" } }, /row\.by is .* hidden fields/],
    ["a hidden field", { by: Object.defineProperty({}, "n", { value: 1 }) }, /row\.by is/],
    ["a field of an array", { list: Object.assign([1], { unit: "ms" }) }, /row\.list is an array/],
    ["a hole in an array", { list: [1, , 2] }, /row\.list\[1\] is undefined/], // oxlint-disable-line no-sparse-arrays
  ])("refuses %s, which JSON would lose, with its place", (_, attributes, message) => {
    expect(() => encode({ origin: "ANC", startMs: 0, ...(attributes as object) })).toThrow(
      refused("result-not-json", message),
    );
  });

  test("refuses data without end", () => {
    const loop: Record<string, unknown> = { origin: "ANC", startMs: 0 };
    loop["self"] = loop;
    expect(() => encode(loop)).toThrow(refused("result-not-json", /nested deeper/));
  });

  test("refuses small data that is too much when written out, in little time", () => {
    let shared: object = {};
    for (let level = 0; level < 30; level++) shared = { one: shared, other: shared };
    expect(() => encode({ origin: "ANC", startMs: 0, shared })).toThrow(
      refused("result-not-json", /500000 values/),
    );
  });

  test.each([[null], ["text"], [[1]], [new Map()]])("refuses %s as a row", (row) => {
    expect(() => encode(row)).toThrow(refused("row-invalid", /not a plain object/));
  });

  test("refuses the attributes that the table's writer keeps for itself", () => {
    expect(() => encode({ origin: "ANC", startMs: 0, _order: 1 })).toThrow(
      refused("row-invalid", /"_order"/),
    );
  });

  test.each([[[]], [["a", "b", "c"]], [["a", "a"]], [[""]]])("refuses the key %j", (key) => {
    expect(() => dynamodbSink({ table: "delays", key: key as never })).toThrow(
      expect.objectContaining({ code: "sink-key-invalid" }),
    );
  });

  test.each(["", "ab", "a b", "a".repeat(256), "toString", "__proto__"])(
    "refuses the table name %j",
    (table) => {
      expect(() => dynamodbSink<{ id: string }>({ table, key: ["id"] })).toThrow(
        expect.objectContaining({ code: "table-name-invalid" }),
      );
    },
  );
});

describe("a DynamoDB sink that declares the types of its keys", () => {
  const typed = dynamodbSink<{ origin: string; startMs: number }>({
    table: "delays",
    key: { origin: "string", startMs: "number" },
  });

  test("has the same key as one that names the attributes only", () => {
    expect(typed).toMatchObject({
      keyFields: ["origin", "startMs"],
      keyTypes: ["string", "number"],
    });
    expect(sink).not.toHaveProperty("keyTypes");
  });

  test.each([
    [{ origin: "ANC", startMs: "0" }, /"startMs".* is a text of 1 characters, .* is a number/],
    [{ origin: 7, startMs: 0 }, /"origin".* is the number 7, .* is a string/],
  ])("refuses a row whose key is of another type: %j", (row, message) => {
    expect(() => typed.encode(row as never, "insert")).toThrow(
      refused("row-not-storable", message),
    );
    expect(() => typed.encode(row as never, "delete")).toThrow(
      refused("row-not-storable", message),
    );
  });

  test.each([
    [{}],
    [{ a: "string", b: "string", c: "string" }],
    [{ a: "text" }],
    [{ a: undefined }],
    [null],
    ["a"],
    // An object gives back names that look like numbers first, whatever their order was.
    [{ b: "string", 1: "string" }],
  ])("refuses the key %j", (key) => {
    expect(() => dynamodbSink({ table: "delays", key: key as never })).toThrow(
      expect.objectContaining({ code: "sink-key-invalid" }),
    );
  });
});
