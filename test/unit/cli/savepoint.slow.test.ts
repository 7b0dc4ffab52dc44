import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { feedLines } from "../../../dev/index.ts";
import { durablePorts } from "../../../runtime/embedded/ports.ts";
import { readGeneration } from "../../../runtime/job/generation.ts";
import { clicksJob, countsIn, writeClicks } from "./clicks.ts";
import { millraceHere } from "./command-here.ts";
import { type CommandEnd, jsonLines, millrace } from "./command.ts";

const clickCount = 6_000;
let folder: string;
let expected: readonly string[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  expected = writeClicks(folder, clickCount);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fromFile = ["--input", "clicks=clicks.jsonl"];
const run = (...args: string[]): Promise<CommandEnd> => millraceHere(folder, args);

/** A job in a process of its own that has taken some records; its stream stays open, so that it does not end by itself. */
async function running(dir: string) {
  const dev = ["dev", "job.ts", "--dir", dir, "--json", ...fromFile, "--rate", "3000", "--no-end"];
  const child = millrace(folder, dev);
  await child.until((stdout) => /"type":"progress".*"records":[1-9]/.test(stdout));
  return child;
}

async function json(...args: string[]): Promise<readonly Record<string, unknown>[]> {
  const { exitCode, stdout, stderr } = await run(...args, "--json");
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  return jsonLines(stdout);
}

/** Runs a restored job to its end, and answers what its process said. */
async function runToEnd(dir: string, ...args: string[]): Promise<void> {
  const { exitCode, stderr } = await run("dev", "job.ts", "--dir", dir, ...fromFile, ...args);
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
}

/** What the first collection found goes with the second; `--dry-run` before it says so. */
async function collectGarbage(dir: string): Promise<void> {
  const collect = ["garbage", "--dir", dir, "--grace", "0"];
  expect((await json(...collect)).at(-1)).toMatchObject({ type: "collected", deleted: 0 });
  const told = await json(...collect, "--dry-run");
  expect(told.length).toBeGreaterThan(1);
  expect(told.at(-1)).toMatchObject({ dryRun: true, deleted: told.length - 1 });
  const { stdout } = await run(...collect);
  expect(stdout).toContain(`job clicks: ${told.length - 1} objects are gone`);
  for (const { key, reason } of told.slice(0, -1))
    expect(stdout).toContain(`  gone: ${String(key)}: ${String(reason)}\n`);
  expect(stdout).toMatch(/ kept: \d+: referred to/);
}

describe("a job that runs in another process", () => {
  test("is given savepoints, stopped with one, and goes on from it at another parallelism with the right rows", async () => {
    const dir = join(folder, "stopped");
    const dev = await running(dir);
    const [taken] = await json("savepoint", "take", "--dir", dir, "--id", "one");
    expect(taken).toMatchObject({ type: "savepoint", job: "clicks", id: "one", generation: 1 });
    const again = await run("savepoint", "take", "--dir", dir, "--id", "one");
    expect(again).toMatchObject({ exitCode: 1, stderr: /savepoint-exists/ as unknown });

    const [stopped] = await json("stop", "--dir", dir, "--id", "last");
    expect(stopped).toMatchObject({ type: "stopped", id: "last", drained: false });
    const end = await dev.end;
    expect(end.exitCode).toBe(0);
    expect(jsonLines(end.stdout).at(-1)).toMatchObject({
      type: "end",
      outcome: { how: "stopped", savepoint: "1/2" },
    });
    expect(await json("savepoint", "list", "--dir", dir)).toMatchObject([
      { savepoint: "one", epoch: 1, status: "complete", stopped: false },
      { savepoint: "last", epoch: 2, status: "complete", stopped: true },
    ]);

    const refused = await run("dev", "job.ts", "--dir", dir, "--json");
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(/was stopped.*millrace restore 1\/2.*job-stopped/s);
    const late = await run("savepoint", "take", "--dir", dir);
    expect(late.stderr).toMatch(/generation 1 has stopped.*job-not-running/s);

    const wider = ["--exchange-shards", "5"];
    const restored = await json("restore", "last", "job.ts", "--dir", dir, ...wider);
    expect(restored).toMatchObject([{ type: "restored", generation: 2, slots: 7, dropped: [] }]);
    await runToEnd(dir);
    expect(await countsIn(dir)).toEqual(expected);
  });

  test("is drained: its windows have fired, and the savepoint can be read and not restored", async () => {
    const dir = join(folder, "drained");
    const dev = await running(dir);
    await json("stop", "--drain", "--dir", dir, "--id", "dry");
    const end = jsonLines((await dev.end).stdout).at(-1);
    const counted = (await countsIn(dir)).reduce((sum, row) => sum + Number(row.split(" ")[2]), 0);
    expect(counted).toBe(end?.["records"]);
    const { exitCode, stderr } = await run("restore", "dry", "job.ts", "--dir", dir);
    expect(stderr).toContain("savepoint-drained");
    expect(exitCode).toBe(1);
  });

  test("is cancelled, which its process notices, and goes on from an earlier savepoint", async () => {
    const dir = join(folder, "cancelled");
    const dev = await running(dir);
    await json("savepoint", "take", "--dir", dir, "--id", "gone");
    await json("savepoint", "take", "--dir", dir, "--id", "early");
    await json("savepoint", "delete", "gone", "--dir", dir);
    expect(await json("stop", "--no-savepoint", "--dir", dir)).toMatchObject([
      { type: "cancelled", job: "clicks", generation: 1 },
    ]);
    expect(jsonLines((await dev.end).stdout).at(-1)).toMatchObject({
      outcome: { how: "cancelled" },
    });
    expect((await run("dev", "job.ts", "--dir", dir)).stderr).toMatch(/cancelled.*restore latest/s);
    await json("restore", "latest", "job.ts", "--dir", dir);
    await collectGarbage(dir);
    await runToEnd(dir);
    expect(await countsIn(dir)).toEqual(expected);
  });

  test("is taken back to an earlier checkpoint while it runs", async () => {
    const dir = join(folder, "rewound");
    const dev = await running(dir);
    await json("savepoint", "take", "--dir", dir, "--id", "early");
    await json("restore", "early", "job.ts", "--dir", dir);
    expect(await json("stop", "--dir", dir, "--id", "end")).toMatchObject([{ generation: 2 }]);
    const end = await dev.end;
    expect(end.stderr).toBe("");
    expect(jsonLines(end.stdout).at(-1)).toMatchObject({ outcome: { savepoint: "2/1" } });
    await json("restore", "end", "job.ts", "--dir", dir);
    await runToEnd(dir);
    expect(await countsIn(dir)).toEqual(expected);
  });

  test("is forked under another name and never notices", async () => {
    const dir = join(folder, "forked");
    const dev = await running(dir);
    await json("savepoint", "take", "--dir", dir, "--id", "fork");
    const forked = await json("restore", "fork", "job.ts", "--dir", dir, "--name", "clicks-b");
    expect(forked).toMatchObject([{ job: "clicks-b", generation: 1 }]);
    dev.kill("SIGINT");
    await dev.end;
    const listed = await run("checkpoint", "list", "--dir", dir);
    expect(listed.stderr).toMatch(/clicks, clicks-b.*--job.*job-ambiguous/s);
    await runToEnd(dir);
    expect(await countsIn(dir)).toEqual(expected);
    // The rows are those of the job that wrote them first: the fork's are refused, and it says so.
    const fork = await run("dev", "job.ts", "--dir", dir, ...fromFile, "--name", "clicks-b");
    expect(fork.exitCode).toBe(3);
    expect(await json("deadletters", "list", "--dir", dir, "--job", "clicks-b")).toContainEqual(
      expect.objectContaining({ kind: "write-refused", reason: expect.stringContaining("clicks") }),
    );
    expect(await countsIn(dir)).toEqual(expected);
    const ports = durablePorts(dir);
    expect(await readGeneration(ports, "clicks-b")).toMatchObject({ outcome: "finished" });
    expect(await readGeneration(ports, "clicks")).toMatchObject({ generation: 1 });
    ports.close();
  });

  test("leaves a savepoint that is copied to another store, and goes on there", async () => {
    const dir = join(folder, "from");
    const to = join(folder, "to");
    const dev = await running(dir);
    await json("stop", "--dir", dir, "--id", "moved");
    await dev.end;
    const [copied] = await json("savepoint", "copy", "moved", "--dir", dir, "--to", to);
    expect(copied).toMatchObject({ type: "copied", present: 0 });
    expect(Number(copied?.["written"])).toBeGreaterThan(4);
    const [again] = await json("savepoint", "copy", "moved", "--dir", dir, "--to", to);
    expect(again).toMatchObject({ written: 0, present: copied?.["written"] });

    const ports = durablePorts(to);
    await ports.admin.createStream("clicks", { shards: 2 });
    const chunks = (async function* () {
      yield readFileSync(join(folder, "clicks.jsonl"), "utf8");
    })();
    const { writer, clock } = ports;
    const feeding = { stream: "clicks", writer, clock, chunks, skip: 0 };
    await feedLines({ ...feeding, taken: async () => clickCount, isStopped: () => false });
    await ports.admin.endStream("clicks");
    ports.close();
    expect(await json("savepoint", "list", "--dir", to)).toMatchObject([{ savepoint: "moved" }]);
    const restored = await json("restore", "moved", "job.ts", "--dir", to);
    // Above the generation that the savepoint is of: its epochs must not meet those of the new one.
    expect(restored).toMatchObject([{ generation: 2, job: "clicks" }]);
    const { exitCode, stderr } = await run("dev", "job.ts", "--dir", to);
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    const before = await countsIn(dir);
    const rows = new Map([...before, ...(await countsIn(to))].map((row) => [keyOf(row), row]));
    expect([...rows.values()].sort()).toEqual(expected);
  });
});

const keyOf = (row: string): string => row.slice(0, row.lastIndexOf(" "));

describe("a savepoint's state", () => {
  test("is read as JSON lines, whole or of one key", async () => {
    const dir = join(folder, "read");
    const dev = await running(dir);
    await json("savepoint", "take", "--dir", dir, "--id", "data");
    dev.kill("SIGKILL");
    await dev.end;
    const all = await json("savepoint", "read", "data", "--dir", dir, "--operator", "windows");
    const [described] = await json("savepoint", "describe", "data", "--dir", dir);
    const slots = described?.["slots"] as readonly Record<string, unknown>[];
    const taken = slots
      .filter(({ stream }) => stream === "clicks")
      .reduce((sum, { records }) => sum + Number(records), 0);
    expect(new Set(all.map(({ key }) => key)).size).toBe(7);
    const counted = all.reduce(
      (sum, { value }) => sum + (value as { accumulator: { n: number } }).accumulator.n,
      0,
    );
    // What was on its way to the windows is not state yet.
    const inFlight = slots.reduce(
      (sum, slot) => sum + ((slot["inFlight"] as { elements?: number })?.elements ?? 0),
      0,
    );
    expect(counted + inFlight).toBe(taken);
    const one = await json("savepoint", "read", "data", "--dir", dir, "--key", "u3");
    expect(one.length).toBeGreaterThan(0);
    expect(one).toEqual(all.filter(({ key }) => key === "u3"));
    const unknown = await run("savepoint", "read", "data", "--dir", dir, "--operator", "nix");
    expect(unknown.stderr).toMatch(/there are windows.*operator-not-in-savepoint/s);
    const state = await run("savepoint", "read", "data", "--dir", dir, "--state", "nix");
    expect(state.stderr).toMatch(/there are windows\/windows.*state-not-in-savepoint/s);

    await json("savepoint", "delete", "data", "--dir", dir);
    expect(await json("savepoint", "list", "--dir", dir)).toEqual([]);
    const gone = await run("savepoint", "describe", "data", "--dir", dir);
    expect(gone.stderr).toMatch(/has been deleted since.*reference-unknown/s);
  });

  test("waits where nobody runs the job: the request stands", async () => {
    const dir = join(folder, "read");
    const later = ["--id", "later", "--timeout", "1"];
    const { exitCode, stderr } = await run("savepoint", "take", "--dir", dir, ...later);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/The request stands.*savepoint-timeout/s);
    expect(await json("savepoint", "list", "--dir", dir)).toMatchObject([
      { type: "request", id: "later", status: "asked" },
    ]);
    await runToEnd(dir);
    expect(await json("savepoint", "list", "--dir", dir)).toMatchObject([
      { type: "savepoint", savepoint: "later", status: "complete" },
    ]);
  });
});

test("a renamed job must have a name that a job can have", async () => {
  writeFileSync(join(folder, "plain.ts"), clicksJob);
  const { stderr } = await run("dev", "plain.ts", "--name", "no name", "--dir", join(folder, "x"));
  expect(stderr).toContain("job-name-invalid");
});
