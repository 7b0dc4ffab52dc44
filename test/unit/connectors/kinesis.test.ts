import { describe, expect, test } from "vitest";
import { kinesisSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import { unchecked } from "../../../runtime/index.ts";

const schema = unchecked<{ id: string }>();

describe("a Kinesis source", () => {
  test("reads JSON records from the oldest on, unless it says otherwise", () => {
    expect(kinesisSource({ stream: "orders", schema })).toEqual({
      type: "kinesis",
      stream: "orders",
      schema,
      startFrom: "earliest",
      decoder: "json",
      largeIntegers: "refuse",
      dropDuplicates: false,
    });
  });

  test("keeps what it is told", () => {
    const told = {
      stream: "orders",
      schema,
      startFrom: { timeMs: 1 },
      decoder: "jsonLines",
      compression: "detect",
      largeIntegers: "refuse",
      dropDuplicates: true,
    } as const;
    expect(kinesisSource(told)).toEqual({ type: "kinesis", ...told });
  });

  test("refuses what is not a Standard Schema", () => {
    const wrong = { parse: (value: unknown) => value };
    expect(() => kinesisSource({ stream: "orders", schema: wrong as never })).toThrow(
      expect.objectContaining({ code: "schema-invalid" }),
    );
  });

  test.each([Number.NaN, -1])("refuses to start from the time %d", (timeMs) => {
    expect(() => kinesisSource({ stream: "orders", schema, startFrom: { timeMs } })).toThrow(
      expect.objectContaining({ code: "start-invalid" }),
    );
  });

  test.each(["", "a b", "a/b", "a".repeat(129), "valueOf", "__proto__"])(
    "refuses the stream name %j",
    (stream) => {
      const refusal = expect.objectContaining({ code: "stream-name-invalid" });
      expect(() => kinesisSource({ stream, schema })).toThrow(refusal);
      expect(() => kinesisSink({ stream, partitionKey: () => "a" })).toThrow(refusal);
    },
  );
});

describe("a Kinesis sink", () => {
  const sink = kinesisSink<{ id: string }>({ stream: "out", partitionKey: ({ id }) => id });

  test("appends a copy of each element by its partition key", () => {
    const element = { id: "a", list: [1] };
    const write = sink.encode(element, "insert");
    element.list.push(2);
    expect(write).toEqual({ kind: "append", partitionKey: "a", value: { id: "a", list: [1] } });
  });

  test("promises exactly-once for readers that drop duplicates, and owns no rows", () => {
    expect(sink.guarantee).toBe("exactly-once for readers that drop duplicates");
    expect(sink).not.toHaveProperty("keyFields");
  });

  test("can say in the record what a result means to earlier ones", () => {
    const marked = kinesisSink<{ id: string }>({
      stream: "out",
      partitionKey: ({ id }) => id,
      toRecord: (value, change) => ({ ...value, change }),
    });
    expect(marked.encode({ id: "a" }, "delete")).toEqual({
      kind: "append",
      partitionKey: "a",
      value: { id: "a", change: "delete" },
    });
  });

  test("takes 256 characters as a partition key, of which one may be two code units", () => {
    const id = "\u{1f600}".repeat(256);
    expect(sink.encode({ id } as never, "insert")).toMatchObject({ partitionKey: id });
  });

  test.each(["", "a".repeat(257), 1, "cut \ud83d", "\u{1f600}".repeat(257)])(
    "refuses the partition key %j",
    (id) => {
      expect(() => sink.encode({ id } as never, "insert")).toThrow(
        expect.objectContaining({ domain: "input", code: "partition-key-invalid" }),
      );
    },
  );

  test("refuses records that are too large to be put, before they are committed", () => {
    const note = (characters: number) => ({ id: "a", note: "x".repeat(characters) });
    expect(sink.encode(note(999_900), "insert")).toHaveProperty("kind", "append");
    expect(() => sink.encode(note(1_000_000), "insert")).toThrow(
      expect.objectContaining({ code: "record-too-large" }),
    );
  });

  test("refuses elements that JSON can't hold", () => {
    expect(() => sink.encode({ id: "a", at: new Date(0) } as never, "insert")).toThrow(
      /record\.at is a Date/,
    );
  });
});
