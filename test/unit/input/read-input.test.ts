import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { inputFiles } from "../../../input/input-files.ts";
import { type InputOptions, readInput } from "../../../input/read-input.ts";
import { csv } from "../../../runtime/connectors/index.ts";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "millrace-input-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Options = Partial<InputOptions>;

/** Each document, and of what is refused why, with the lines at which they begin. */
async function read(name: string, content: string | Uint8Array, options: Options = {}) {
  const file = join(folder, name);
  writeFileSync(file, content);
  const found: [line: number, document: unknown][] = [];
  const signal = new AbortController().signal;
  for await (const items of readInput({ files: [file], signal, ...options }))
    for (const item of items)
      found.push([item.line, item.kind === "document" ? item.text : { refused: item.reason }]);
  return found;
}

const documents = async (name: string, content: string | Uint8Array, options: Options = {}) =>
  (await read(name, content, options)).map(([, document]) => document);

const two = ['{"a":1}', '{"a":2}'];

describe("what a file holds is seen by itself", () => {
  test.each([
    ["lines.jsonl", '{"a":1}\r\n\n{"a":2}', two],
    ["lines-of-arrays", "[1]\n[2]\n", ["[1]", "[2]"]],
    ["one-line", '{"a":1}', ['{"a":1}']],
    ["array.json", '[{"a":1},{"a":2}]', two],
    ["marked.json", '\ufeff[{"a":1},{"a":2}]\n', two],
    ["pretty.json", '[\n  {\n    "a": 1\n  },\n  {"a":2}\n]\n', ['{\n    "a": 1\n  }', '{"a":2}']],
    ["scalars.json", '[1, "],\\"[", null,\n[]]', ["1", '"],\\"["', "null", "[]"]],
    ["none.json", "[ ]", []],
    ["empty", "", []],
    ["blank", " \n\n", []],
    ["joined.json", '{"a":1}{"a":2}', two],
    ["spread.json", '{\n"a":1\n}\n{\n"a":2\n}', ['{\n"a":1\n}', '{\n"a":2\n}']],
    ["bad-first.jsonl", '{"a":1,}\n{"a":2}\n', ['{"a":1,}', '{"a":2}']],
    ["unclosed-first.jsonl", '{"a":"1}\n{"a":2}\n', ['{"a":"1}', '{"a":2}']],
    ["table.csv", 'a,b\n1,"x\ny"\n', ['{"a":"1","b":"x\\ny"}']],
    ["semicolons.csv", "a;b\n1;2,5\n", ['{"a":"1","b":"2,5"}']],
    ["table.tsv", "a\tb,c\n1\t2\n", ['{"a":"1","b,c":"2"}']],
    ["words", "not json\n", ["not json"]],
  ])("%s", async (name, content, expected) => {
    expect(await documents(name, content)).toEqual(expected);
    const packed = [
      [`${name}.gz`, gzipSync(content)],
      [
        `${name}.zst`,
        Buffer.concat([zstdCompressSync(content.slice(0, 3)), zstdCompressSync(content.slice(3))]),
      ],
    ] as const;
    for (const [file, bytes] of packed) expect(await documents(file, bytes)).toEqual(expected);
  });

  test("wherever it is cut into pieces, with the lines at which documents begin", async () => {
    const rows = Array.from({ length: 20_000 }, (_, at) => ({ at, text: `ä"\\, [${at}\n` }));
    const array = JSON.stringify(rows, null, 1);
    const found = await read("large.json", array);
    expect(found.map(([, document]) => JSON.parse(document as string) as unknown)).toEqual(rows);
    expect(found.map(([line]) => line)).toEqual(rows.map((_, at) => 2 + at * 4));
    const table = [
      "at,text",
      ...rows.map(({ at, text }) => `${at},"${text.replaceAll('"', '""')}"`),
    ];
    const fields = await read("large.csv", table.join("\r\n"));
    expect(fields.map(([, row]) => JSON.parse(row as string) as unknown)).toEqual(
      rows.map(({ at, text }) => ({ at: String(at), text })),
    );
    expect(fields.map(([line]) => line)).toEqual(rows.map((_, at) => 2 + at * 2));
  });
});

describe("what can't be read says what it seems to be", () => {
  const failsWith = (name: string, content: string | Uint8Array, options: Options = {}) =>
    documents(name, content, options).then(
      () => "nothing",
      (thrown: unknown) => (thrown as Error).message.replaceAll(`${folder}/`, ""),
    );

  test.each([
    [
      "a.parquet",
      "PAR1\u0015\u0004",
      {},
      /a.parquet: it seems to be Parquet, which can't be read\.\n  Make JSON lines/,
    ],
    ["a.xlsx", "PK\x03\x04xl", {}, /a zip archive, or a workbook of Excel/],
    ["a.avro", "Obj\x01\x04", {}, /Avro/],
    ["a.html", "<!doctype html>\n<p>", {}, /XML or HTML/],
    ["a.bin", "ab\0c\0d", {}, /no text/],
    [
      "a.txt",
      "\nid;cents\n1;5\n",
      {},
      /a.txt, line 2: it seems to be a table with semicolons.*It begins "id;cents"\.\n  Use --format <stream>=csv/,
    ],
    [
      "a.json",
      '\n[{"a":1},\n{"a":2}]',
      { format: "lines" },
      /a.json, line 2: it seems to be an array, not lines\. It begins "\[\{\\"a\\":1\},"\.\n  Leave --format out, or use array/,
    ],
    ["b.json", '{\n"a":1}\n', { format: "lines" }, /several lines.*use documents/s],
    ["c.json", '{"a":1}\n{"a":2}', { format: "array" }, /JSON lines, not an array/],
    [
      "d.json",
      '[{"a":1},\n {"a":',
      {},
      /d.json, line 2: the array has no end\. It begins "\{\\"a\\":"/,
    ],
    ["e.json", '[{"a":1}]\n{"b":2}\n', { format: "array" }, /not an array/],
    [
      "f.json",
      '[\n1]\n\n{"b":2}\n',
      {},
      /f.json, line 4: something stands behind the array\. It begins "\{"/,
    ],
    ["g.json", '{"a":\n1}\n]', {}, /g.json, line 3: no document begins here/],
    ["h.csv", "a,a\n1,2", {}, /h.csv, line 1: .*two of its columns are called "a"/],
    ["i.jsonl.gz", gzipSync('{"a":1}\n{"a":2}').subarray(0, 20), {}, /can't be opened as gzip/],
    ["j.zst", zstdCompressSync('{"a":1}\n{"a":2}').subarray(0, 20), {}, /can't be opened as zstd/],
    [
      "k.zst",
      Buffer.concat([zstdCompressSync('{"a":1}\n'), Buffer.from("rest")]),
      {},
      /can't be opened as zstd/,
    ],
  ] as const)("%s", async (name, content, options, message) => {
    expect(await failsWith(name, content, options)).toMatch(message);
  });

  test("compressed bytes that end anywhere but at their end", async () => {
    const two = '{"a":1}\n'.repeat(3);
    for (const [name, bytes] of [
      ["cut.gz", gzipSync(two)],
      ["cut.zst", Buffer.concat([zstdCompressSync(two), zstdCompressSync(two)])],
    ] as const)
      for (let length = 4; length < bytes.length; length += 1) {
        // Whole frames are a whole file.
        if (name === "cut.zst" && length === bytes.length / 2) continue;
        expect(await failsWith(name, bytes.subarray(0, length))).toMatch(/can't be opened/);
      }
  });

  test("UTF-16", async () => {
    const text = Buffer.from('\ufeff{"a":1}\n', "utf16le");
    expect(await failsWith("utf16.json", text)).toMatch(/UTF-16.*iconv/s);
  });
});

describe("what is no document, or none that fits, is refused by itself", () => {
  const long = "x".repeat(5_000_000);

  test.each([
    ["long.jsonl", `{"a":1}\n{"a":"${long}"}\n{"a":2}\n`],
    ["long.json", `[{"a":1},\n{"a":"${long}"},\n{"a":2}]`],
    ["long.csv", `a\n1\n${long}\n2\n`],
  ])("a document of 5 MB, in %s", async (name, content) => {
    const found = await read(name, content);
    expect(found).toHaveLength(3);
    expect(found[1]).toEqual([
      name === "long.csv" ? 3 : 2,
      {
        refused: expect.stringMatching(/^it has (5000008|more than 1048576) characters/) as string,
      },
    ]);
    expect(JSON.parse(found[2]![1] as string)).toMatchObject({ a: name === "long.csv" ? "2" : 2 });
  });

  test("a row that has other columns", async () => {
    expect(await read("ragged.csv", "a,b\n1\n\n1,2\n")).toEqual([
      [2, { refused: "it has 1 fields and there are 2 columns: a, b" }],
      [4, '{"a":"1","b":"2"}'],
    ]);
  });

  test("nothing between two commas of an array", async () => {
    expect(await documents("commas.json", "[1,,2,]")).toEqual([
      "1",
      { refused: "nothing stands before a comma" },
      "2",
      { refused: "nothing stands before the end of the array" },
    ]);
  });

  test("a document that is no UTF-8; others keep a character that stands for none", async () => {
    const bytes = Buffer.from('{"a":"?"}\n{"a":"ok"}\n');
    bytes[6] = 0xff;
    expect(await documents("bytes.jsonl", bytes)).toEqual([
      { refused: "it is not UTF-8" },
      '{"a":"ok"}',
    ]);
    expect(await documents("fffd.jsonl", '{"a":"\ufffd"}')).toEqual(['{"a":"\ufffd"}']);
  });
});

describe("rows of tables", () => {
  const schema = z.object({
    id: z.string(),
    cents: z.number(),
    paid: z.boolean().optional(),
    tags: z.array(z.string()).nullable(),
    at: z.coerce.number<string>(),
  });
  const content = 'id,cents,paid,tags,at\n007,5,TRUE,"[""x""]",1\n8,-0.50,,,2\n9,much,true,,3\n';

  test("have the types that the schema asks for", async () => {
    expect(await documents("typed.csv", content, { schema })).toEqual([
      '{"id":"007","cents":5,"paid":true,"tags":["x"],"at":"1"}',
      '{"id":"8","cents":-0.50,"tags":null,"at":"2"}',
      '{"id":"9","cents":"much","paid":true,"tags":null,"at":"3"}',
    ]);
  });

  test("keep all digits of a number", async () => {
    const ids = z.object({ id: z.number() });
    const [row] = await documents("digits.csv", "id\n9007199254740993\n", { schema: ids });
    expect(row).toBe('{"id":9007199254740993}');
  });

  test("are records of the kind that the source reads", async () => {
    const table = "a,b\n1,2\n";
    expect(await documents("raw.csv", table, { decoder: "csv" })).toEqual(["a,b\n1,2"]);
    expect(await documents("bare.csv", "1,2\n", { decoder: csv({ columns: ["a", "b"] }) })).toEqual(
      ["1,2"],
    );
    expect(await documents("text.csv", table, { decoder: "text" })).toEqual(["a,b", "1,2"]);
    expect(await documents("joined.csv", table, { decoder: "joinedJson" })).toEqual([
      '{"a":"1","b":"2"}',
    ]);
  });
});

describe("a path", () => {
  beforeAll(() => {
    mkdirSync(join(folder, "days/sub"), { recursive: true });
    mkdirSync(join(folder, "none"));
    for (const name of ["10.csv", "02.csv", "sub/1.json", ".hidden", "sub/_part"])
      writeFileSync(join(folder, "days", name), "a\n1\n");
  });
  const names = (path: string) =>
    inputFiles(join(folder, path)).map((file) => file.slice(folder.length + 1));

  test("names a file, the files of a folder, or those of a pattern, in order", () => {
    expect(names("days/10.csv")).toEqual(["days/10.csv"]);
    expect(names("days")).toEqual(["days/02.csv", "days/10.csv", "days/sub/1.json"]);
    expect(names("days/*.csv")).toEqual(["days/02.csv", "days/10.csv"]);
    expect(inputFiles("-")).toEqual(["-"]);
  });

  test.each([
    ["gone.csv", "There is no file or folder"],
    ["none", "has no files in it"],
    ["days/*.xml", "No file is called"],
  ])("that names none, %s, is refused", (path, message) => {
    expect(() => names(path)).toThrow(message);
  });

  test("names several files that are read one behind the other", async () => {
    const files = inputFiles(join(folder, "days/*.csv"));
    const signal = new AbortController().signal;
    const found: string[] = [];
    for await (const items of readInput({ files, signal }))
      found.push(...items.map(({ text }) => text));
    expect(found).toEqual(['{"a":"1"}', '{"a":"1"}']);
  });
});
