import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type DocumentFormat, documentsOf } from "../../../runtime/connectors/documents.ts";
import { csv, type Decoder, fileSource, kinesisSource } from "../../../runtime/connectors/index.ts";
import type { RecordDocument } from "../../../runtime/connectors/source-spec.ts";
import { unchecked } from "../../../runtime/index.ts";
import { zlibDecompression } from "../../../runtime/node/zlib-decompression.ts";

const utf8 = new TextEncoder();
const schema = unchecked();

function split(format: DocumentFormat, data: string | Uint8Array): readonly RecordDocument[] {
  const { split: take } = documentsOf(format, { decompression: zlibDecompression });
  const bytes = typeof data === "string" ? utf8.encode(data) : data;
  return take({ sequence: "1", partitionKey: "p", data: bytes, arrivalMs: 0 });
}

/** The values of a record; what is refused by itself as its reason. */
function valuesOf(decoder: Decoder, data: string | Uint8Array): readonly unknown[] {
  const { parse } = documentsOf({ decoder }, { decompression: zlibDecompression });
  return split({ decoder }, data).map((document) => {
    if (typeof document === "string") return parse(document);
    return document.kind === "made" ? document.value : { refused: document.reason };
  });
}

/** What a dead letter would show of each document. */
const shownOf = (decoder: Decoder, data: string | Uint8Array): readonly unknown[] =>
  split({ decoder }, data).map((document) => {
    if (typeof document === "string") return document;
    return document.kind === "made" ? document.shown() : document.document;
  });

describe("joined JSON", () => {
  test.each([
    ["", []],
    [" \n ", []],
    ['{"a":1}', ['{"a":1}']],
    ['{"a":1}{"a":2}', ['{"a":1}', '{"a":2}']],
    ['{"a":{"b":[1,{}]}}\n\n [{"c":2}] ', ['{"a":{"b":[1,{}]}}', '[{"c":2}]']],
    ['{"a":"}{"}{"b":"\\"}"}', ['{"a":"}{"}', '{"b":"\\"}"}']],
    ['{"a":"\\\\"}{"b":1}', ['{"a":"\\\\"}', '{"b":1}']],
    ['"a""b" 1 true[2]null', ['"a"', '"b"', "1", "true", "[2]", "null"]],
  ])("%j holds the documents %j", (text, documents) => {
    expect(split({ decoder: "joinedJson" }, text)).toEqual(documents);
  });

  test.each([
    ['{"a":1}{"b":', ['{"a":1}', '{"b":']],
    ['{"a":1},{"b":2}', ['{"a":1}', ",", '{"b":2}']],
    ['{"a":"1}{"b":2}', ['{"a":"1}{"b":2}']],
    ["}}{}", ["}}", "{}"]],
  ])("of %j, which is none, what is left is for the parser to refuse", (text, documents) => {
    expect(split({ decoder: "joinedJson" }, text)).toEqual(documents);
    expect(() => valuesOf("joinedJson", text)).toThrow(SyntaxError);
  });

  test("is not looked through without end", () => {
    expect(split({ decoder: "joinedJson" }, "1 ".repeat(100_000))).toHaveLength(100_000);
    expect(() => split({ decoder: "joinedJson" }, "1 ".repeat(100_001))).toThrow(
      "it has more than 100000 documents",
    );
  });
});

describe("CSV", () => {
  test("is objects of texts, whatever ends its lines and stands in quotes", () => {
    const rows = 'id,name\r\n1,"a ""x"", b"\r\n\r\n2,\r\n3,"two\nlines"';
    expect(valuesOf("csv", `\ufeff${rows}`)).toEqual([
      { id: "1", name: 'a "x", b' },
      { id: "2", name: "" },
      { id: "3", name: "two\nlines" },
    ]);
    expect(shownOf("csv", rows)).toEqual(['1,"a ""x"", b"', "2,", '3,"two\nlines"']);
  });

  test("has the delimiter and the columns that it is given", () => {
    expect(valuesOf(csv({ delimiter: "\t" }), "a,b\tc\n1\t2")).toEqual([{ "a,b": "1", c: "2" }]);
    expect(valuesOf(csv({ columns: ["a", "b"] }), "1,2\n3,4")).toEqual([
      { a: "1", b: "2" },
      { a: "3", b: "4" },
    ]);
  });

  test("refuses a row by itself that has other columns, or a quote without an end", () => {
    const values = valuesOf("csv", 'a,b\n1\n1,2\n1,2,3\n4,"no end\n5,6');
    expect(values).toEqual([
      { refused: "it has 1 fields and there are 2 columns: a, b" },
      { a: "1", b: "2" },
      { refused: "it has 3 fields and there are 2 columns: a, b" },
      { refused: "Quoted field unterminated" },
    ]);
    expect(shownOf("csv", "a,b\n1,2,3").at(-1)).toBe("1,2,3");
  });

  test.each([
    ["a,,b\n1,2,3", "its column 2 has no name"],
    ["a,b,a\n1,2,3", 'two of its columns are called "a"'],
    ['"a,b\n1,2', "Quoted field unterminated"],
  ])("refuses %j for its first row", (text, reason) => {
    expect(() => split({ decoder: "csv" }, text)).toThrow(
      `its first row names no columns: ${reason}`,
    );
  });

  test("has names that every object of JavaScript has as its own", () => {
    const [row] = valuesOf("csv", "__proto__,constructor\n1,2") as [Record<string, unknown>];
    expect(Object.entries(row)).toEqual([
      ["__proto__", "1"],
      ["constructor", "2"],
    ]);
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
  });

  test("is not read without end", () => {
    expect(() => split({ decoder: "csv" }, `a\n${"1\n".repeat(100_001)}`)).toThrow(
      "it has more than 100000 rows",
    );
  });

  test.each([{ delimiter: "" }, { delimiter: ";;" }, { delimiter: '"' }, { delimiter: "\n" }])(
    "is not made with %j",
    (options) => {
      expect(() => csv(options)).toThrow(expect.objectContaining({ code: "decoder-invalid" }));
    },
  );

  test.each([[[]], [["a", "a"]], [["a", " "]]])("is not made with the columns %j", (columns) => {
    expect(() => csv({ columns })).toThrow(expect.objectContaining({ code: "decoder-invalid" }));
  });
});

describe("text and bytes", () => {
  test("are the record", () => {
    expect(valuesOf("text", " a\nb ")).toEqual([" a\nb "]);
    expect(valuesOf("bytes", Uint8Array.of(0, 255))).toEqual([Uint8Array.of(0, 255)]);
    expect(() => split({ decoder: "text" }, Uint8Array.of(255))).toThrow("it is not UTF-8");
  });

  test("may be written to without harm to the record", () => {
    const data = Buffer.of(1, 2);
    const [bytes] = valuesOf("bytes", data) as [Uint8Array];
    bytes.fill(9);
    expect([...data]).toEqual([1, 2]);
    expect(bytes.constructor).toBe(Uint8Array);
  });
});

describe("a decoder of one's own", () => {
  const pairs = (data: Uint8Array) => new TextDecoder().decode(data).split("&");

  test("gives documents as an array or by a generator", () => {
    expect(valuesOf(pairs, "a=1&b=2")).toEqual(["a=1", "b=2"]);
    function* bytes(data: Uint8Array) {
      yield* data;
    }
    expect(valuesOf(bytes, Uint8Array.of(3, 4))).toEqual([3, 4]);
    expect(valuesOf(() => [], "a")).toEqual([]);
    expect(shownOf(() => ["a", { n: 1n }, Uint8Array.of(5)], "")).toEqual([
      "a",
      '{"n":1}',
      Uint8Array.of(5),
    ]);
  });

  test.each([
    ["a text", () => "ab", 'the decoder answered with "ab", and no list of documents'],
    ["an object", () => ({ a: 1 }), 'the decoder answered with {"a":1}, and no list'],
    ["null", () => null, "the decoder answered with null, and no list"],
    ["bytes", (data: Uint8Array) => data, "and no list of documents"],
    ["a promise", () => Promise.reject(new Error("unheard")), "answered with a promise"],
    ["promises", () => [Promise.reject(new Error("unheard"))], "answered with a promise"],
    ["what it throws", () => expectNothing(), "not my format"],
  ])("is refused where it answers with %s", (_, decoder, reason) => {
    expect(() => split({ decoder: decoder as never }, "ab")).toThrow(reason);
  });

  test("is not listened to without end", () => {
    function* endless() {
      for (let index = 0; ; index++) yield index;
    }
    expect(() => split({ decoder: endless }, "a")).toThrow("it has more than 100000 documents");
  });

  test.each([
    async () => [],
    async function* () {
      yield await Promise.resolve(1);
    },
  ])("is refused before anything runs where it is asynchronous", (decoder) => {
    const refusal = expect.objectContaining({ code: "function-asynchronous" });
    expect(() => kinesisSource({ stream: "in", schema, decoder: decoder as never })).toThrow(
      refusal,
    );
    expect(() => fileSource({ folder: "in", schema, decoder: decoder as never })).toThrow(refusal);
  });
});

function expectNothing(): never {
  throw new Error("not my format");
}

describe("compressed records", () => {
  const lines = { decoder: "jsonLines" } as const;

  test.each([
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
  ] as const)("of %s are opened where the source says so, or sees it", (compression, compress) => {
    const data = compress('{"a":1}\n{"a":2}\n');
    const documents = ['{"a":1}', '{"a":2}'];
    expect(split({ ...lines, compression }, data)).toEqual(documents);
    expect(split({ ...lines, compression: "detect" }, data)).toEqual(documents);
    expect(() => split(lines, data)).toThrow(
      `it is not UTF-8, but seems to be ${compression}: give the source compression: "${compression}"`,
    );
    expect(() => split({ ...lines, compression }, '{"a":1}')).toThrow(
      `it can't be opened as ${compression}`,
    );
  });

  test("are told from others by their first bytes", () => {
    expect(split({ ...lines, compression: "detect" }, '{"a":1}')).toEqual(['{"a":1}']);
  });

  test("hold at most 16 MiB", () => {
    const bomb = gzipSync(new Uint8Array(16_777_217));
    expect(bomb.length).toBeLessThan(100_000);
    expect(() => split({ decoder: "bytes", compression: "gzip" }, bomb)).toThrow(
      "it holds more than 16777216 bytes when it is opened",
    );
  });
});

describe("a source", () => {
  test.each([
    [{ decoder: "yaml" }, /"yaml".*"joinedJson"/s],
    [{ decoder: null }, /null/],
    [{ decoder: { kind: "tsv" } }, /tsv/],
    [{ compression: "lz4" }, /"lz4".*"detect"/s],
    [{ format: "json-lines" }, /decoder: "json" or "jsonLines"/],
  ])("refuses %j", (options, message) => {
    const wrong = { stream: "in", schema, ...options } as never;
    expect(() => kinesisSource(wrong)).toThrow(
      expect.objectContaining({
        code: "decoder-invalid",
        message: expect.stringMatching(message) as string,
      }),
    );
  });
});
