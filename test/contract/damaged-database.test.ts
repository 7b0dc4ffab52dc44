import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { durablePorts, type EmbeddedPorts } from "../../runtime/embedded/index.ts";
import { readThrough } from "../../runtime/embedded/read-through.ts";
import { isMillraceError } from "../../runtime/errors/millrace-error.ts";
import { patienceMs } from "../patience.ts";
import { rounds } from "../rounds.ts";
import { entryOf } from "./stream-fixture.ts";

let dir: string;
let opened: EmbeddedPorts[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "millrace-damaged-"));
  opened = [];
});
afterEach(async () => {
  for (const ports of opened) ports.close();
  await rm(dir, { recursive: true });
});

const open = (folder = dir): EmbeddedPorts => {
  const ports = durablePorts(folder);
  opened.push(ports);
  return ports;
};

const slot = { job: "job", generation: 1, slot: "windows/a", ringSize: 8 };
const writer = { job: "job", incarnation: 7, takesOver: false };
const ids = Array.from({ length: 30 }, (_, id) => id);
const writesOf = (version: number) =>
  ids.map((id) => ({
    key: { id },
    row: { id, count: id * version },
    order: { generation: 1, version, index: id },
  }));
const rowOf = (version: number) => ({
  version,
  nonce: `nonce-${version}`,
  kind: "commit" as const,
  epoch: 2,
  plan: "plan",
  format: 2,
  ...(version % 3 === 0 ? { bodyKey: `body-${version}` } : { body: new Uint8Array(40).fill(7) }),
});

/** Some of everything that a store holds. */
async function fill({ log, control, tables, admin, writer: streams }: EmbeddedPorts) {
  for (let version = 1; version <= 12; version++) await log.append(slot, rowOf(version));
  for (const id of ids) {
    const row = {
      partition: "job",
      sort: `slot-${id}`,
      rank: id,
      value: { watermarkMs: id, is: true },
    };
    await control.put(row, { kind: "always" });
  }
  await tables.write("counts", writesOf(3), writer);
  await admin.createStream("visits", { shards: 2 });
  for (let put = 0; put < 5; put++) {
    await streams.put(
      "visits",
      ids.map((id) => entryOf(`visit ${put} of ${id}`)),
    );
  }
  await admin.split("visits", "shardId-000000000000");
}

/** All that it holds, by every way of reading. */
async function read({ log, control, tables, reader, admin }: EmbeddedPorts): Promise<unknown> {
  const records: unknown[] = [];
  const shards = await reader.listShards("visits");
  for (const { shardId } of shards) {
    for (const from of [{ kind: "earliest" }, { kind: "at", sequence: "9" }] as const) {
      records.push(await reader.read({ stream: "visits", shardId, from, maxRecords: 100 }));
    }
  }
  const rows: unknown[] = [];
  for await (const row of tables.scan("counts")) rows.push(row);
  return {
    records,
    shards,
    rows,
    described: await admin.describe("visits"),
    log: [await log.readAll(slot), await log.read(slot, { first: 6, last: 9 })],
    control: await control.list("job"),
    got: await Promise.all(ids.map((id) => tables.get("counts", { id }))),
    controls: await Promise.all(
      ids.map((id) => control.get({ partition: "job", sort: `slot-${id}` })),
    ),
  };
}

/** What comes of a store: what it says, or the code with which it refuses. */
async function outcomeOf(folder: string): Promise<unknown> {
  let ports: EmbeddedPorts | undefined;
  try {
    ports = durablePorts(folder);
    return await read(ports);
  } catch (thrown) {
    if (!isMillraceError(thrown)) throw thrown;
    return thrown.code;
  } finally {
    ports?.close();
  }
}

const codes = new Set<unknown>(["store-damaged", "store-version-unknown"]);
/** With 1 every byte: minutes. */
const stride = Number(process.env["MILLRACE_STRIDE"] ?? rounds({ few: 1_009, many: 61 }));

describe("the database of a folder, with a bit of it flipped", () => {
  test("says what was written or refuses with a code, wherever the bit is, and never says anything else", async () => {
    const written = open();
    await fill(written);
    const before = await read(written);
    written.close();
    const bytes = await readFile(join(dir, "millrace.db"));
    const copy = join(dir, "copy");
    await mkdir(copy);
    const wrong: string[] = [];
    const seen = new Map<unknown, number>();
    for (let at = 0; at < bytes.length; at += at < 100 ? 1 : stride) {
      const bit = 1 << ((at * 5) % 8);
      await rm(copy, { recursive: true });
      await mkdir(copy);
      await writeFile(join(copy, "millrace.db"), bytes.with(at, bytes[at]! ^ bit));
      const outcome = await outcomeOf(copy).catch((thrown: unknown) => ({ thrown }));
      const isRight = isDeepStrictEqual(outcome, before);
      const what = isRight ? "right" : codes.has(outcome) ? outcome : "wrong";
      seen.set(what, (seen.get(what) ?? 0) + 1);
      if (what === "wrong")
        wrong.push(
          `byte ${at}, bit ${bit}: ${String((outcome as { thrown?: unknown }).thrown ?? outcome)}`,
        );
    }
    expect(wrong, JSON.stringify([...seen])).toEqual([]);
    expect(seen.get("right")).toBeGreaterThan(20);
    expect(seen.get("store-damaged")).toBeGreaterThan(20);
  });

  const damages: readonly (readonly [string, string])[] = [
    ["a log row's epoch", "UPDATE log SET epoch = 3 WHERE version = 8"],
    ["a log row's body", "UPDATE log SET body = x'00' WHERE version = 8"],
    ["a log row's place", "UPDATE log SET version = 13 WHERE version = 8"],
    ["the middle of a log", "DELETE FROM log WHERE version = 8"],
    ["a control row's rank", "UPDATE control SET rank = 31 WHERE sort = 'slot-5'"],
    ["a control row's value", "UPDATE control SET value = '7' WHERE sort = 'slot-5'"],
    ["a control row's name", "UPDATE control SET sort = 'slot-x' WHERE sort = 'slot-5'"],
    ["a result's content", `UPDATE keyed SET content = '{"id":5}' WHERE key = '[["id",5]]'`],
    [
      "a result that became a tombstone",
      `UPDATE keyed SET content = NULL WHERE key = '[["id",5]]'`,
    ],
    ["a result's key", `UPDATE keyed SET key = '[["id",99]]' WHERE key = '[["id",5]]'`],
    ["a shard's range", "UPDATE shard SET first_hash = last_hash"],
    ["a shard's end", "UPDATE shard SET next_sequence = next_sequence - 1 WHERE next_sequence > 1"],
    ["a shard's parents", "UPDATE shard SET parents = '[]' WHERE parents <> '[]'"],
    ["records", "UPDATE segment SET records = zeroblob(length(records))"],
    ["the arrival of records", "UPDATE segment SET arrival = arrival + 1"],
    ["missing records", "DELETE FROM segment WHERE first = 31"],
  ];
  test.each(damages)("%s: whoever reads it while the folder is open is refused", async (_, sql) => {
    const ports = open();
    await fill(ports);
    const file = new DatabaseSync(join(dir, "millrace.db"));
    expect(Number(file.prepare(sql).run().changes)).toBeGreaterThan(0);
    file.close();
    await expect(read(ports)).rejects.toMatchObject({ code: "store-damaged", retryable: false });
    await expect(outcomeOf(dir)).resolves.toBe("store-damaged");
  });

  test("a result whose order was raised does not take the place of what is newer", async () => {
    const ports = open();
    await fill(ports);
    const file = new DatabaseSync(join(dir, "millrace.db"));
    file.exec("UPDATE keyed SET version = 1000");
    file.close();
    await expect(ports.tables.write("counts", writesOf(4), writer)).rejects.toMatchObject({
      code: "store-damaged",
    });
  });

  test("a shard whose end was moved takes no records: they would be put over others, or behind a hole", async () => {
    const ports = open();
    await fill(ports);
    const file = new DatabaseSync(join(dir, "millrace.db"));
    file.exec("UPDATE shard SET next_sequence = next_sequence + 8");
    file.close();
    await expect(ports.writer.put("visits", [entryOf("a")])).rejects.toMatchObject({
      code: "store-damaged",
    });
  });

  test("what is no database is refused, with the name of the file", async () => {
    await writeFile(join(dir, "millrace.db"), "something else, which is long enough ".repeat(200));
    expect(() => open()).toThrow("millrace.db");
    expect(await outcomeOf(dir)).toBe("store-damaged");
  });
});

describe("a database that is too large to be read through before it is used", () => {
  beforeEach(async () => {
    const ports = open();
    await fill(ports);
    await ports.admin.createStream("photos", { shards: 1 });
    const photo = "x".repeat(1_000_000);
    for (let at = 0; at < 18; at++) await ports.writer.put("photos", [entryOf(photo)]);
    ports.close();
  });

  const damage = (sql: string) => {
    const file = new DatabaseSync(join(dir, "millrace.db"));
    // Before Node 24.4 databases are not defended.
    (file as Partial<DatabaseSync>).enableDefensive?.(false);
    file.exec(sql);
    file.close();
  };
  const controls = (ports: EmbeddedPorts) => ports.control.list("job");

  test("is read through all the same, and answers", async () => {
    const ports = open();
    const before = await controls(ports);
    const rest = readThrough(
      new DatabaseSync(join(dir, "millrace.db")),
      ["log", "keyed", "segment"],
      { looksUp: true },
    );
    let slices = 0;
    while (rest.next().done !== true) slices += 1;
    expect(slices).toBeGreaterThan(5);
    expect(await controls(ports)).toEqual(before);
  });

  test("is refused at once where a control row or a shard is damaged", () => {
    damage("UPDATE control SET sort = 'slot-x' WHERE sort = 'slot-5'");
    expect(() => open()).toThrow(expect.objectContaining({ code: "store-damaged" }));
  });

  test.each([
    [
      "the newest row of a log was lost to another slot",
      "UPDATE log SET slot = 'x' WHERE version = 12",
    ],
    [
      "a result is not found by its key",
      `UPDATE keyed SET key = '[["id",99]]' WHERE key = '[["id",5]]'`,
    ],
    [
      "an index lacks what its table has",
      `CREATE TEMP TABLE kept AS SELECT * FROM sqlite_schema WHERE name = 'log_version';
       PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'log_version'; PRAGMA writable_schema = RESET;
       INSERT INTO log SELECT job, generation, 'other', place, version, nonce, kind, epoch, plan, format, body_key, body, NULL FROM log;
       PRAGMA writable_schema = ON; INSERT INTO sqlite_schema SELECT * FROM kept; PRAGMA writable_schema = RESET`,
    ],
  ])("refuses everything as soon as it is found that %s", async (_, sql) => {
    damage(sql);
    const ports = open();
    await expect
      .poll(
        () =>
          controls(ports).catch((thrown: unknown) => (thrown as { readonly code: string }).code),
        {
          timeout: patienceMs,
        },
      )
      .toBe("store-damaged");
  });
});

describe("a database of the second version, which had no checksums", () => {
  test("is opened with all it holds, and what is written from then on has them", async () => {
    const ports = open();
    await fill(ports);
    const before = await read(ports);
    ports.close();
    const old = join(dir, "old");
    await mkdir(old);
    await copyFile(join(dir, "millrace.db"), join(old, "millrace.db"));
    const file = new DatabaseSync(join(old, "millrace.db"));
    for (const table of ["log", "control", "keyed", "shard", "segment"]) {
      file.exec(`ALTER TABLE ${table} DROP COLUMN checksum`);
    }
    file.exec("PRAGMA user_version = 2; PRAGMA application_id = 0");
    file.close();
    const migrated = open(old);
    expect(await read(migrated)).toEqual(before);
    await migrated.tables.write("counts", writesOf(4), writer);
    await migrated.log.append(slot, rowOf(13));
    await migrated.writer.put("visits", [entryOf("a")]);
    const probe = new DatabaseSync(join(old, "millrace.db"));
    const counts = (table: string) => ({
      ...probe.prepare(`SELECT count(*) AS rows, count(checksum) AS checked FROM ${table}`).get(),
    });
    expect(counts("keyed")).toEqual({ rows: 30, checked: 30 });
    expect(counts("log")).toEqual({ rows: 8, checked: 1 });
    expect(counts("shard")).toMatchObject({ checked: 1 });
    probe.close();
  });

  test("of which a row can't be read at all is refused then", async () => {
    const ports = open();
    await fill(ports);
    const file = new DatabaseSync(join(dir, "millrace.db"));
    file.exec("UPDATE control SET checksum = NULL, value = '{' WHERE sort = 'slot-5'");
    file.close();
    await expect(read(ports)).rejects.toMatchObject({ code: "store-damaged" });
  });
});
