import { gzipSync, zstdCompressSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { fileSource, fileSourceSpec } from "../../../runtime/connectors/file-source.ts";
import { lineMaxBytes } from "../../../runtime/connectors/lines-of-file.ts";
import { memoryObjectStore } from "../../../runtime/embedded/memory-object-store.ts";
import { memoryPorts } from "../../../runtime/embedded/ports.ts";
import { unchecked } from "../../../runtime/index.ts";
import type { ObjectStore, StreamPosition } from "../../../runtime/ports/index.ts";

const utf8 = {
  encode: (text: string) => new TextEncoder().encode(text),
  decoder: new TextDecoder(),
};
let files: ObjectStore;
beforeEach(() => (files = memoryObjectStore()));

const put = (name: string, text: string) => files.put(`in/${name}`, utf8.encode(text));

function reader() {
  const source = fileSource({ folder: "in", schema: unchecked() });
  return fileSourceSpec.reader({ source, ports: memoryPorts({ files }), stream: "" });
}

/** All lines of a file with their places, read in pieces, each behind the last line of the one before. */
async function linesOf(shardId: string, maxRecords = 1_000) {
  const lines: (readonly [place: string, text: string])[] = [];
  let from: StreamPosition = { kind: "earliest" };
  for (;;) {
    const { records, ended, next } = await reader().read({
      shardId,
      from,
      maxRecords,
      startedMs: 0,
    });
    lines.push(
      ...records.map(({ sequence, data }) => [sequence, utf8.decoder.decode(data)] as const),
    );
    const last = records.at(-1);
    if (last === undefined && ended) return lines;
    from = last === undefined ? next : { kind: "after", sequence: last.sequence };
  }
}

describe("a file source", () => {
  test.each([
    ["gzip", gzipSync("one\ntwo")],
    ["zstd", zstdCompressSync("one\ntwo")],
  ])("says of a file that is %s that it reads none", (format, data) => {
    const { split } = fileSourceSpec.documents(
      fileSource({ folder: "in", schema: unchecked() }),
      memoryPorts(),
    );
    const record = { sequence: "0", partitionKey: "", data, arrivalMs: 0 };
    expect(() => split(record)).toThrow(
      `the file seems to be ${format}: a file source reads files that aren't compressed`,
    );
  });

  test.each([
    ["", []],
    ["\n\r\n\n", []],
    ["one", [["0", "one"]]],
    ["one\n", [["0", "one"]]],
    [
      "one\n\ntwo\r\nthree",
      [
        ["0", "one"],
        ["5", "two"],
        ["10", "three"],
      ],
    ],
    [
      "ä\nb\n",
      [
        ["0", "ä"],
        ["3", "b"],
      ],
    ],
  ] as const)(
    "reads the lines of %j that aren't empty, with the bytes at which they begin",
    async (text, lines) => {
      await put("a", text);
      for (const maxRecords of [1, 2, 100]) expect(await linesOf("a", maxRecords)).toEqual(lines);
    },
  );

  test("reads files of many blocks, wherever a block ends", async () => {
    const lines = Array.from(
      { length: 40_000 },
      (_, index) => `${index} ${"x".repeat(index % 97)}`,
    );
    await put("a", lines.join("\n"));
    expect((await linesOf("a")).map(([, text]) => text)).toEqual(lines);
  });

  test.each([0, 1, 2])(
    "a line of a whole block, plus %i bytes, is a record of the block's size, and those behind it are read",
    async (more) => {
      const long = "x".repeat(lineMaxBytes + more);
      await put("a", `first\n${long}\n\nlast\n`);
      const lines = await linesOf("a");
      expect(lines.map(([, text]) => text)).toEqual(["first", "x".repeat(lineMaxBytes), "last"]);
      const { split } = fileSourceSpec.documents(
        fileSource({ folder: "in", schema: unchecked() }),
        memoryPorts(),
      );
      const record = { sequence: "6", partitionKey: "", data: utf8.encode(long), arrivalMs: 0 };
      expect(() => split(record)).toThrow(`${lineMaxBytes} bytes or more`);
    },
  );

  test("reads past a block of empty lines", async () => {
    await put("a", `${"\n".repeat(lineMaxBytes * 2)}last`);
    expect(await linesOf("a")).toEqual([[String(lineMaxBytes * 2), "last"]]);
  });

  test("takes each file of its folder as a split, but for hidden ones", async () => {
    for (const name of ["b.jsonl", "2026/01 ä.jsonl", "_tmp/c", ".d", "e/_f"]) await put(name, "1");
    await files.put("inside/g", utf8.encode("1"));
    const splits = await reader().list();
    expect(splits.map(({ shardId }) => shardId)).toEqual(["2026%2F01%20%C3%A4.jsonl", "b.jsonl"]);
    expect((await linesOf(splits[0]!.shardId)).length).toBe(1);
  });

  test("names a file that is gone, and one whose name is too long", async () => {
    await expect(linesOf("a")).rejects.toMatchObject({
      code: "source-file-gone",
      retryable: false,
    });
    await put("ä".repeat(40), "1");
    await expect(reader().list()).rejects.toMatchObject({ code: "file-name-too-long" });
  });
});
