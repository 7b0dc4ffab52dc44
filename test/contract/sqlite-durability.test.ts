import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { durablePorts, type EmbeddedPorts } from "../../runtime/embedded/index.ts";
import { rounds } from "../rounds.ts";
import { crashSlot, crashStream, recordsOfVersion, rowsOfVersion } from "./crashing-writer.ts";
import { lastRaceVersion, raceSlot, raceStream, type RaceResult } from "./racing-writer.ts";
import { entryOf, lowestHash, readThrough } from "./stream-fixture.ts";

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const execArgv = ["--no-warnings"];

let dir: string;
let opened: EmbeddedPorts[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "millrace-durability-"));
  opened = [];
});
afterEach(async () => {
  for (const ports of opened) ports.close();
  await rm(dir, { recursive: true });
});

const open = (): EmbeddedPorts => {
  const ports = durablePorts(dir);
  opened.push(ports);
  return ports;
};

async function streamTexts(ports: EmbeddedPorts, stream: string): Promise<string[]> {
  const { reader, writer, admin } = ports;
  const fixture = { reader, writer, ...admin, close: async () => {} };
  const texts: string[] = [];
  for (const { shardId } of await reader.listShards(stream)) {
    texts.push(...(await readThrough(fixture, { stream, shardId })).texts);
  }
  return texts;
}

/** Kills a writer in the middle of its work, once it has said that it did so many; answers with the last that it said. */
async function killAfter(versions: number, firstVersion: number): Promise<number> {
  const args = [...execArgv, pathOf("./crashing-writer.ts"), dir, String(firstVersion)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let last = 0;
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    last = Number(line);
    if (last >= firstVersion + versions - 1) child.kill("SIGKILL");
  });
  const exited = once(child, "exit");
  await once(lines, "close");
  expect(await exited).toEqual([null, "SIGKILL"]);
  return last;
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe("the embedded folder after a process was killed", () => {
  for (const versions of [30, 1, 150].slice(0, rounds({ few: 1, many: 3 }))) {
    test(`holds whole writes and all that was acknowledged, killed twice about version ${versions}`, async () => {
      let first = 1;
      for (let round = 0; round < 2; round++) {
        const acknowledged = await killAfter(versions, first);
        const ports = open();
        const rows = await ports.log.readAll(crashSlot);
        const head = rows.at(-1)!.version;
        expect(head).toBeGreaterThanOrEqual(acknowledged);
        expect(rows.map(({ version }) => version)).toEqual(upTo(head).slice(-crashSlot.ringSize));
        for (const { version, body } of rows) {
          expect(body?.every((byte) => byte === version % 256)).toBe(true);
        }
        await completeVersion(ports, head);
        expect(await checkWhole(ports)).toBeGreaterThanOrEqual(acknowledged);
        ports.close();
        first = head + 1;
      }
    });
  }

  /** Does what the killed process may not have come to after its append, so that the next round begins with nothing missing. */
  async function completeVersion({ writer }: EmbeddedPorts, head: number): Promise<void> {
    const texts = await streamTexts(open(), crashStream);
    if (texts.includes(String(head))) return;
    const entries = upTo(recordsOfVersion).map((index) => ({
      ...entryOf(String(head)),
      partitionKey: `k${index - 1}`,
    }));
    await writer.put(crashStream, entries);
  }

  /** Every put is there as a whole, once, the rows are of one version, and every object is whole; answers with the newest put. */
  async function checkWhole(ports: EmbeddedPorts): Promise<number> {
    const counts = new Map<number, number>();
    for (const text of await streamTexts(ports, crashStream)) {
      counts.set(Number(text), (counts.get(Number(text)) ?? 0) + 1);
    }
    const newest = Math.max(...counts.keys());
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual(upTo(newest));
    expect(new Set(counts.values())).toEqual(new Set([recordsOfVersion]));
    const versions: unknown[] = [];
    for await (const { version } of ports.tables.scan("crash")) versions.push(version);
    expect(new Set(versions).size).toBe(1);
    expect(versions).toHaveLength(rowsOfVersion);
    for await (const key of ports.objects.list("crash/")) {
      expect((await ports.objects.get(key))?.length).toBe(4_096);
    }
    return newest;
  }
});

describe("the embedded folder with several processes and threads", () => {
  async function raceInProcess(name: string): Promise<RaceResult> {
    const args = [...execArgv, pathOf("./racing-writer.ts"), dir, name];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return JSON.parse(stdout) as RaceResult;
  }

  async function raceInThread(name: string): Promise<RaceResult> {
    const worker = new Worker(pathOf("./racing-writer.ts"), {
      workerData: { dir, name },
      execArgv,
    });
    const [result] = await once(worker, "message");
    await worker.terminate();
    return result as RaceResult;
  }

  test("gives each version of one log to one of four racing writers, who all begin with an empty folder", async () => {
    const results = await Promise.all([
      raceInProcess("process-a"),
      raceInProcess("process-b"),
      raceInThread("thread-a"),
      raceInThread("thread-b"),
    ]);
    const winners = new Map(
      results.flatMap(({ name, won }) => won.map((version) => [version, name] as const)),
    );
    const wins = results.flatMap(({ won }) => won).sort((a, b) => a - b);
    expect(wins).toEqual(upTo(lastRaceVersion));
    const ports = open();
    for (const { version, nonce } of await ports.log.readAll(raceSlot)) {
      expect(nonce).toBe(winners.get(version));
    }
    expect((await streamTexts(ports, raceStream)).sort()).toEqual([...winners.values()].sort());
    const keys: string[] = [];
    for await (const key of ports.objects.list("race/")) keys.push(key);
    expect(keys).toHaveLength(lastRaceVersion);
  });

  test("routes a put anew where another connection has split the shard since", async () => {
    const [one, two] = [open(), open()];
    await one.admin.createStream("s", { shards: 1 });
    await one.writer.put("s", [entryOf("before", lowestHash)]);
    const [parent] = await two.reader.listShards("s");
    await two.admin.split("s", parent!.shardId);
    const [result] = await one.writer.put("s", [entryOf("after", lowestHash)]);
    expect(result).toEqual({ put: true, shardId: "shardId-000000000001", sequence: "2" });
    expect((await one.admin.describe("s")).shards.map(({ records }) => records)).toEqual([1, 1, 0]);
  });

  test("shows what one connection wrote to another at once", async () => {
    const [one, two] = [open(), open()];
    await one.control.put({ partition: "p", sort: "s", rank: 1, value: 1 }, { kind: "absent" });
    expect(await two.control.get({ partition: "p", sort: "s" })).toMatchObject({ value: 1 });
  });

  test("says so where a call comes after the close", async () => {
    const ports = open();
    ports.close();
    ports.close();
    await expect(ports.log.readAll(raceSlot)).rejects.toMatchObject({ code: "store-closed" });
    await expect(ports.writer.put("s", [entryOf("a")])).rejects.toMatchObject({
      code: "store-closed",
    });
  });
});

describe("a database of the first version", () => {
  test("is brought to this one, and its rows belong to nobody", async () => {
    const schemaOfFirst = `
      CREATE TABLE keyed (name TEXT NOT NULL, key TEXT NOT NULL, generation INTEGER NOT NULL, version INTEGER NOT NULL,
        position INTEGER NOT NULL, content TEXT, PRIMARY KEY (name, key)) WITHOUT ROWID;
      INSERT INTO keyed VALUES ('t', '[["id",1]]', 1, 9, 0, '{"id":1}'), ('t', '[["id",2]]', 1, 9, 0, '{"id":2}');`;
    open().close();
    const file = new DatabaseSync(join(dir, "millrace.db"));
    for (const table of ["log", "control", "shard", "segment"])
      file.exec(`ALTER TABLE ${table} DROP COLUMN checksum`);
    file.exec(`DROP TABLE keyed; ${schemaOfFirst} PRAGMA user_version = 1`);
    file.close();
    const { tables } = open();
    open();
    const write = (id: number, version: number, incarnation: number) =>
      tables.write(
        "t",
        [{ key: { id }, row: { id, version }, order: { generation: 1, version, index: 0 } }],
        { job: "job", incarnation, takesOver: false },
      );
    expect(await tables.get("t", { id: 1 })).toEqual({ id: 1 });
    expect(await write(1, 8, 0)).toEqual({ applied: 0, superseded: 1 });
    expect(await write(1, 10, 0)).toEqual({ applied: 1, superseded: 0 });
    expect(await write(2, 1, 7)).toEqual({ applied: 1, superseded: 0 });
    expect(await tables.get("t", { id: 2 })).toEqual({ id: 2, version: 1 });
  });
});
