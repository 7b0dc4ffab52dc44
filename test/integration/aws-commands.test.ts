import { zlibDecompression } from "../../runtime/node/zlib-decompression.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { bundleJob } from "../../bundle/index.ts";
import { type EmbeddedJob, loadBundle } from "../../dev/index.ts";
import { runEmbedded } from "../../dev/run-embedded.ts";
import { awsPorts } from "../../runtime/aws/ports.ts";
import { quietTelemetry } from "../../runtime/embedded/console-telemetry.ts";
import {
  systemClock,
  systemRandom,
  zstdCompression,
} from "../../runtime/node/system-environment.ts";
import { systemHeap } from "../../runtime/node/system-heap.ts";
import { defaultSlotSettings, type JobRuntime } from "../../runtime/job/job-runtime.ts";
import { listProgress } from "../../runtime/job/progress.ts";
import { jobTableSchema } from "../contract/aws-admin.ts";
import { type AwsWorld, awsWorld } from "../contract/aws-world.ts";
import { writeClicks } from "../unit/cli/clicks.ts";
import { millraceHere } from "../unit/cli/command-here.ts";
import { jsonLines, millrace } from "../unit/cli/command.ts";
import { patienceMs } from "../patience.ts";

let folder: string;
let world: AwsWorld;
let job: EmbeddedJob;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  writeClicks(folder, 1);
  const { file } = bundleJob({
    entry: join(folder, "job.ts"),
    kind: "embedded",
    outfile: join(folder, "job.mjs"),
  });
  job = await loadBundle(file);
  world = await awsWorld();
  for (const table of ["jobs", "jobs-b"]) await world.createTable(table, jobTableSchema);
  await world.createTable("counts", [
    { name: "user", type: "S" },
    { name: "startMs", type: "N" },
  ]);
  await world.createStream("prod-clicks", 2);
  await world.createStream("prod-exchange", 2);
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

function runtimeOn(table: string, bucket: string, prefix: string): JobRuntime {
  const environment = {
    clock: systemClock,
    random: systemRandom,
    compression: zstdCompression,
    decompression: zlibDecompression,
    heap: systemHeap(),
    telemetry: quietTelemetry,
  };
  return {
    ...job,
    ports: awsPorts({ table, bucket, prefix, environment, clients: world.clients }),
    names: { exchangeStream: "prod-exchange", streams: { clicks: "prod-clicks" }, tables: {} },
    settings: { ...defaultSlotSettings, ringSize: 16, fenceSkewMs: 0 },
  };
}

const start = (runtime: JobRuntime) =>
  runEmbedded({
    job: runtime,
    tuning: { pollMs: 50, batchSize: 100 },
    coordinator: { tickIntervalMs: 100, shardListMs: 100, sourceQuietMs: 200 },
  });

async function put({ ports }: JobRuntime, from: number, to: number): Promise<void> {
  const entries = Array.from({ length: to - from }, (_, at) => ({
    partitionKey: `p${from + at}`,
    data: new TextEncoder().encode(JSON.stringify({ user: `u${at % 5}`, atMs: (from + at) * 20 })),
  }));
  await ports.writer.put("prod-clicks", entries);
}

/** Until so many records have been taken in the generation. */
async function untilTaken({ ports }: JobRuntime, generation: number, count: number): Promise<void> {
  const taken = async (): Promise<number> =>
    (await listProgress(ports, { job: "clicks", generation }))
      .filter(({ stream }) => stream === "prod-clicks")
      .reduce((sum, { counters }) => sum + counters.records, 0);
  await vi.waitFor(async () => expect(await taken()).toBe(count), { timeout: patienceMs });
}

async function run(args: readonly string[], place: readonly string[]) {
  const words = [...args, ...place, "--json"];
  const { exitCode, stdout, stderr } = await millraceHere(folder, words, world.variables);
  return { exitCode, stderr, lines: jsonLines(stdout) };
}

/** Clicks in the state of a savepoint, those on their way to it included. */
async function clicksIn(reference: string, place: readonly string[]): Promise<number> {
  const read = await run(["savepoint", "read", reference, "--operator", "windows"], place);
  expect(read.stderr).toBe("");
  const [described] = (await run(["savepoint", "describe", reference], place)).lines;
  const slots = described?.["slots"] as readonly { readonly inFlight?: { elements: number } }[];
  return (
    read.lines.reduce(
      (sum, { value }) => sum + (value as { accumulator: { n: number } }).accumulator.n,
      0,
    ) + slots.reduce((sum, { inFlight }) => sum + (inFlight?.elements ?? 0), 0)
  );
}

/** The API of a deployed job, as `millrace console` serves it with the caller's credentials. */
async function seenInConsole(place: readonly string[]): Promise<void> {
  const serving = millrace(folder, ["console", ...place], "", world.variables);
  const text = await serving.until((stdout) => /console: http:.*\n/.test(stdout));
  const url = /console: (http:\S+)/.exec(text)?.[1];
  expect(url, text).toBeDefined();
  const answerOf = async (path: string): Promise<unknown> =>
    await (await fetch(`${url}jobs/clicks${path}`)).json();
  expect(await answerOf("")).toMatchObject({ state: "running", records: 200 });
  // Nobody has described it: its checkpoint says what it consists of.
  expect(await answerOf("/plan")).toMatchObject({ sources: [{ uid: "clicks" }] });
  const state = (await answerOf("/state/windows/windows?key=u0")) as {
    readonly entries: readonly {
      readonly value: { readonly accumulator: { readonly n: number } };
    }[];
  };
  expect(state.entries.reduce((sum, { value }) => sum + value.accumulator.n, 0)).toBe(40);
  expect(await answerOf("/tables/counts/rows")).toMatchObject({ table: "counts" });
  serving.kill("SIGINT");
  expect(await serving.end).toMatchObject({ exitCode: 0, stderr: "" });
}

test("the commands work on AWS ports, and a copied savepoint goes on under another bucket and prefix", async () => {
  const here = ["--table", "jobs", "--bucket", "state", "--prefix", "jobs/", "--job", "clicks"];
  const there = ["--table", "jobs-b", "--bucket", "other", "--prefix", "moved/", "--job", "clicks"];
  const first = runtimeOn("jobs", "state", "jobs/");
  const running = await start(first);
  await put(first, 0, 200);
  await untilTaken(first, 1, 200);
  const taken = await run(["savepoint", "take", "--id", "one"], here);
  expect(taken.stderr).toBe("");
  expect(taken.lines).toMatchObject([{ type: "savepoint", id: "one", generation: 1 }]);
  expect(await clicksIn("one", here)).toBe(200);
  expect((await run(["status"], here)).lines).toMatchObject([
    { type: "status", state: "running", generation: 1, epochs: { completed: 1 }, records: 200 },
  ]);
  await seenInConsole(here);
  expect((await run(["stop", "--id", "two"], here)).lines).toMatchObject([{ id: "two" }]);
  expect(await running.done).toBe("ended");
  expect((await run(["checkpoint", "list"], here)).lines).toMatchObject([
    { savepoint: "one", status: "complete" },
    { savepoint: "two", status: "complete", stopped: true },
  ]);

  const copied = await run(["savepoint", "copy", "two", "--to", "s3://other/moved"], here);
  expect(copied.stderr).toBe("");
  expect(copied.lines).toMatchObject([{ type: "copied", present: 0 }]);
  const names = ["--exchange-stream", "prod-exchange", "--stream", "clicks=prod-clicks"];
  const restored = await run(["restore", "two", "job.ts", ...names], there);
  expect(restored.stderr).toBe("");
  expect(restored.lines).toMatchObject([{ type: "restored", generation: 2, slots: 4 }]);

  const second = runtimeOn("jobs-b", "other", "moved/");
  const again = await start(second);
  await put(second, 200, 300);
  await untilTaken(second, 2, 300);
  expect((await run(["stop", "--id", "three"], there)).stderr).toBe("");
  expect(await again.done).toBe("ended");
  expect(await clicksIn("three", there)).toBe(300);

  const collect = ["garbage", "--grace", "0"];
  expect((await run(collect, there)).lines).toMatchObject([{ type: "collected", deleted: 0 }]);
  const collected = await run([...collect, "--retain", "1"], there);
  expect(collected.stderr).toBe("");
  expect(collected.lines.length).toBeGreaterThan(1);
  expect(await clicksIn("three", there)).toBe(300);
});

test("a bucket or a table that is not there is named", async () => {
  const bucket = ["--table", "jobs", "--bucket", "missing", "--job", "clicks"];
  const absent = await run(["checkpoint", "list"], bucket);
  expect(absent.exitCode).toBe(1);
  expect(absent.stderr).toMatch(/bucket "missing".*store-missing/s);
  const table = ["--table", "nowhere", "--bucket", "state", "--job", "clicks"];
  const stopped = await run(["stop"], table);
  expect(stopped.stderr).toMatch(/table "nowhere".*store-missing/s);
  expect(stopped.lines).toMatchObject([{ type: "error", code: "store-missing" }]);
});
