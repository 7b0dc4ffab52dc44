import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  csv,
  dynamodbSink,
  fileSource,
  kinesisSource,
  type KinesisSourceOptions,
} from "../../runtime/connectors/index.ts";
import { defineJob, monotonousTimestamps, noRestart, unchecked } from "../../runtime/index.ts";
import { runJob } from "../../testing/index.ts";

interface Order {
  readonly id: string;
  readonly cents: number;
}

type Source = Pick<KinesisSourceOptions<Order>, "schema" | "decoder" | "compression">;

const watermarks = monotonousTimestamps<Order>({ timestamp: ({ cents }) => cents });

/** Sums by id, behind an exchange. */
function sums(source: Source) {
  return defineJob(
    "sums",
    (env) => {
      env
        .source(kinesisSource({ stream: "orders", ...source }), { uid: "orders", watermarks })
        .keyBy(({ id }) => id)
        .reduce((sum, { cents }) => ({ ...sum, cents: sum.cents + cents }), { uid: "sum" })
        .sinkTo(dynamodbSink<Order>({ table: "sums", key: ["id"] }), { uid: "out" });
    },
    { restart: noRestart() },
  );
}

async function run(source: Source, records: readonly (string | Uint8Array)[]) {
  const inputs = {
    orders: records.map((data) => (typeof data === "string" ? Buffer.from(data) : data)),
  };
  const { tables, deadLetters } = await runJob(sums(source), { inputs });
  const rows = [...(tables["sums"] ?? [])].toSorted((a, b) =>
    String(a["id"]).localeCompare(String(b["id"])),
  );
  return { rows, letters: deadLetters.map(({ reason, payload }) => [payload, reason]) };
}

const total = [
  { id: "a", cents: 4 },
  { id: "b", cents: 2 },
];
const documents = [
  { id: "a", cents: 1 },
  { id: "b", cents: 2 },
  { id: "a", cents: 3 },
];
const joined = documents.map((document) => JSON.stringify(document)).join("");
const table = "id,cents\na,1\nb,2\na,3\n";
const typed = z.object({ id: z.string(), cents: z.coerce.number<string>() });

describe("a job takes the same elements, however its records are written", () => {
  test.each([
    ["joined JSON", { schema: unchecked<Order>(), decoder: "joinedJson" }, [joined]],
    ["CSV whose schema makes numbers", { schema: typed, decoder: "csv" }, [table]],
    [
      "fields between semicolons without names",
      { schema: typed, decoder: csv({ delimiter: ";", columns: ["id", "cents"] }) },
      ["a;1\nb;2", "a;3"],
    ],
    [
      "gzip and zstd, mixed with what is neither",
      { schema: unchecked<Order>(), decoder: "joinedJson", compression: "detect" },
      [gzipSync(joined.slice(0, 20)), joined.slice(20, 40), zstdCompressSync(joined.slice(40))],
    ],
    [
      "a format of one's own",
      {
        schema: unchecked<Order>(),
        decoder: (data: Uint8Array) =>
          new TextDecoder()
            .decode(data)
            .split("&")
            .map((pair) => pair.split("="))
            .map(([id, cents]) => ({ id, cents: Number(cents) })),
      },
      ["a=1&b=2", "a=3"],
    ],
  ] as const)("%s", async (_, source, records) => {
    expect(await run(source as Source, records)).toEqual({ rows: total, letters: [] });
  });
});

describe("what can't be decoded", () => {
  test("is a dead letter with what there was of it, and the rest of the record is taken", async () => {
    const { rows, letters } = await run({ schema: typed, decoder: "csv" }, [
      "id,cents\na,4\nnot a row\nb,2\nc,much",
      "\n",
      "id,id\na,1",
    ]);
    expect(rows).toEqual(total);
    expect(letters).toHaveLength(3);
    expect(letters).toContainEqual([
      "not a row",
      "it has 1 fields and there are 2 columns: id, cents",
    ]);
    expect(letters).toContainEqual(["c,much", expect.stringContaining("cents: ") as string]);
    expect(letters).toContainEqual([
      "id,id\na,1",
      'its first row names no columns: two of its columns are called "id"',
    ]);
  });

  test("is a dead letter in base64 where it is bytes", async () => {
    const bytes = Uint8Array.of(0x1f, 0x8b, 1, 2);
    const source: Source = { schema: unchecked(), compression: "gzip" };
    const { letters } = await run(source, [bytes, gzipSync('{"id":"a","cents":1}')]);
    expect(letters).toEqual([
      [Buffer.from(bytes).toString("base64"), expect.stringMatching(/can't be opened as gzip/)],
    ]);
  });

  test("is not made good by what a decoder keeps: two elements never become one", async () => {
    const kept = { id: "a", cents: 0 };
    const decoder = (data: Uint8Array) => [Object.assign(kept, { cents: data[0]! })];
    const records = [1, 2, 3].map((cents) => Uint8Array.of(cents));
    const { rows } = await run({ schema: unchecked<Order>(), decoder }, records);
    expect(rows).toEqual([{ id: "a", cents: 6 }]);
  });
});

test("bytes and texts reach state and other slots as they are", async () => {
  const job = defineJob("bytes", (env) => {
    env
      .source(kinesisSource({ stream: "in", schema: unchecked<Uint8Array>(), decoder: "bytes" }), {
        uid: "in",
        watermarks: monotonousTimestamps({ timestamp: (data) => data.length }),
      })
      .keyBy((data) => data.length)
      .reduce((one, other) => Uint8Array.from(one, (byte, at) => byte + other[at]!), { uid: "sum" })
      .map((data) => ({ length: data.length, sum: [...data].join() }))
      .sinkTo(dynamodbSink({ table: "out", key: ["length"] }), { uid: "out" });
  });
  const inputs = { in: [Uint8Array.of(1, 2), Uint8Array.of(9), Uint8Array.of(3, 4)] };
  const { tables, deadLetters } = await runJob(job, { inputs });
  expect(deadLetters).toEqual([]);
  expect(tables["out"]).toHaveLength(2);
  expect(tables["out"]).toContainEqual({ length: 2, sum: "4,6" });
  expect(tables["out"]).toContainEqual({ length: 1, sum: "9" });
});

describe("files of CSV", () => {
  const sourceOf = (decoder: "csv" | ReturnType<typeof csv>) =>
    defineJob("files", (env) => {
      env
        .source(fileSource({ folder: "orders", schema: typed, decoder }), {
          uid: "orders",
          watermarks,
        })
        .sinkTo(dynamodbSink<Order>({ table: "out", key: ["id"] }), { uid: "out" });
    });

  test("have their own names above their rows, also behind empty lines and a mark of UTF-8", async () => {
    const rows = Array.from({ length: 3_000 }, (_, at) => `${at},x${at}`);
    const files = {
      "orders/a.csv": `\ufeffcents,id\r\n${rows.join("\r\n")}`,
      "orders/b.csv": "\r\n\nid,cents\nonly,1\nwrong\n",
      "orders/c.csv": "id,cents",
      "orders/d.csv": "",
    };
    const { tables, deadLetters } = await runJob(sourceOf("csv"), { files });
    expect(tables["out"]).toHaveLength(3_001);
    expect(tables["out"]).toContainEqual({ id: "x2999", cents: 2_999 });
    expect(deadLetters).toMatchObject([{ slot: "orders/b.csv", sequence: "19", payload: "wrong" }]);
  });

  test("have rows only, where the columns are given", async () => {
    const files = { "orders/a.tsv": "a\t1\nb\t2" };
    const decoder = csv({ delimiter: "\t", columns: ["id", "cents"] });
    const { tables } = await runJob(sourceOf(decoder), { files });
    expect(tables["out"]).toHaveLength(2);
  });
});
