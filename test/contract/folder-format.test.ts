import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { durablePorts } from "../../runtime/embedded/index.ts";
import { packSegment, unpackSegment } from "../../runtime/embedded/segment.ts";

let dir: string;
beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), "millrace-format-"))));
afterEach(() => rm(dir, { recursive: true }));

describe("the format of an embedded folder", () => {
  test("keeps keys apart that name folders, hidden files or nothing, and never leaves its folder", async () => {
    const { objects, close } = durablePorts(dir);
    const keys = [
      "",
      "/",
      "//",
      "..",
      "../..",
      ".",
      "a",
      "a/",
      "a/b",
      "a//b",
      "%",
      "~",
      "*",
      "A/é ",
    ];
    for (const key of keys) {
      expect(await objects.put(key, new TextEncoder().encode(key), { ifAbsent: true })).toBe(true);
    }
    for (const key of keys) expect(new TextDecoder().decode(await objects.get(key))).toBe(key);
    const listed: string[] = [];
    for await (const key of objects.list("")) listed.push(key);
    expect(listed).toEqual(keys.toSorted());
    close();
    expect((await readdir(dir)).sort()).toEqual(["drafts", "millrace.db", "objects"]);
    expect(await readdir(join(dir, "drafts"))).toEqual([]);
  });

  test("packs a segment as version 1 says", () => {
    const records = [
      { partitionKey: "é", data: new Uint8Array([1, 2]) },
      { partitionKey: "k", data: new Uint8Array(0) },
    ];
    const packed = packSegment(records);
    const golden = "01" + "0002" + "00000002" + "c3a9" + "0102" + "0001" + "00000000" + "6b";
    expect(Buffer.from(packed).toString("hex")).toBe(golden);
    const segment = { first: 5, last: 6, arrivalMs: 9, packed };
    expect(unpackSegment(segment, { from: 6, maxRecords: 10 })).toMatchObject([
      { sequence: "6", partitionKey: "k", arrivalMs: 9 },
    ]);
    expect(unpackSegment(segment, { from: 0, maxRecords: 1 })).toHaveLength(1);
  });

  test("refuses a segment of another version", () => {
    const segment = { first: 1, last: 1, arrivalMs: 0, packed: new Uint8Array([9]) };
    expect(() => unpackSegment(segment, { from: 1, maxRecords: 1 })).toThrow("format 9");
  });

  test("refuses a database of another version, and says which release reads it", () => {
    durablePorts(dir).close();
    const database = new DatabaseSync(join(dir, "millrace.db"));
    database.exec("PRAGMA user_version = 99");
    database.close();
    expect(() => durablePorts(dir)).toThrow("has version 99");
  });

  test("opens a folder in which a process died while it made the database", async () => {
    await writeFile(join(dir, "millrace.db.k3x9"), "half of a dra");
    const { control, close } = durablePorts(dir);
    expect(await control.list("p")).toEqual([]);
    close();
  });
});
