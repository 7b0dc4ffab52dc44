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
    ["", /0 characters/],
    ["a".repeat(1_025), /1025 characters/],
    [10n, /10/],
    [{}, /object/],
  ])("refuses %s as a key attribute, by its name", (origin, message) => {
    expect(() => encode({ origin, startMs: 0 })).toThrow(refused("row-key-invalid", message));
    expect(() => encode({ origin, startMs: 0 })).toThrow(/key attribute "origin".*"delays"/);
  });

  test("counts a text's bytes, not its characters", () => {
    expect(encode({ origin: "é".repeat(512), startMs: 0 })).toHaveProperty("kind", "upsert");
    expect(() => encode({ origin: "é".repeat(513), startMs: 0 })).toThrow(
      refused("row-key-invalid", /513 characters/),
    );
  });

  test.each([1e126, 1e-131, -1e126])("refuses the number %d, which DynamoDB can't hold", (mean) => {
    expect(() => encode({ origin: "ANC", startMs: 0, deep: [{ mean }] })).toThrow(
      refused("row-not-storable", /9\.99e125/),
    );
  });

  test("refuses a row that is too large to be stored, before it is committed", () => {
    const note = (characters: number) => ({
      origin: "ANC",
      startMs: 0,
      note: "x".repeat(characters),
    });
    expect(encode(note(399_900))).toHaveProperty("kind", "upsert");
    expect(() => encode(note(400_000))).toThrow(refused("row-not-storable", /larger than 400,000/));
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e126])(
    "refuses %d as a key attribute",
    (startMs) => {
      expect(() => encode({ origin: "ANC", startMs }, "delete")).toThrow(
        refused("row-key-invalid", /"startMs"/),
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

  test.each(["", "ab", "a b", "a".repeat(256)])("refuses the table name %j", (table) => {
    expect(() => dynamodbSink<{ id: string }>({ table, key: ["id"] })).toThrow(
      expect.objectContaining({ code: "table-name-invalid" }),
    );
  });
});
