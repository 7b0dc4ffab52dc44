import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleJob } from "../../../bundle/index.ts";
import { listProgress, openJobBundle, putRecords, type SlotProgress } from "../../../dev/index.ts";
import { listRetries } from "../../../runtime/job/retry-memory.ts";
import { millraceHere } from "./command-here.ts";
import { jsonLines } from "./command.ts";

const jobText = (step: number): string => `
  import { boundedOutOfOrderness, defineJob, elementType, fixedDelay, tumblingWindows, unchecked, valueState } from "millrace";
  import { dynamodbSink, kinesisSource } from "millrace/connectors";
  export default defineJob("clicks", (env) => {
    const byUser = env
      .source(kinesisSource({ stream: "clicks", schema: unchecked() }), {
        uid: "clicks",
        watermarks: boundedOutOfOrderness({ timestamp: (click) => click.atMs, bound: { seconds: 1 } }),
      })
      .keyBy("user");
    byUser
      .process({
        uid: "totals",
        state: { total: valueState() },
        emits: elementType(),
        onElement({ user }, { state, emit }) {
          if (user === "broken") throw new TypeError("There is no such user.");
          const total = (state.total.get() ?? 0) + ${step};
          state.total.set(total);
          emit({ user, total });
        },
      })
      .sinkTo(dynamodbSink({ table: "totals", key: ["user"] }), { uid: "totals-rows" });
    byUser
      .window(tumblingWindows({ size: { seconds: 10 } }), { uid: "windows" })
      .aggregate(
        { create: () => 0, add: (sum) => sum + 1, result: (sum) => sum },
        (n, { key, window }) => ({ user: key, startMs: window.startMs, n }),
      )
      .sinkTo(dynamodbSink({ table: "counts", key: ["user", "startMs"] }), { uid: "counts-rows" });
  }, { restart: fixedDelay({ attempts: 1000, delay: { seconds: 2 } }) });
`;

let folder: string;
let slots: readonly SlotProgress[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  writeFileSync(join(folder, "job.ts"), jobText(1));
  writeFileSync(join(folder, "other.ts"), jobText(2));
  const outfile = join(folder, "job.mjs");
  const { file } = bundleJob({ entry: join(folder, "job.ts"), kind: "embedded", outfile });
  const opened = await openJobBundle({ bundleFile: file, dir: join(folder, "run") });
  const place = { job: "clicks", generation: 1 };
  const put = async (users: readonly string[], fromMs: number): Promise<void> => {
    const entries = users.map((user, at) => ({
      partitionKey: user,
      data: new TextEncoder().encode(JSON.stringify({ user, atMs: fromMs + at * 1_000 })),
    }));
    await putRecords({ ...opened.ports, stream: "clicks", entries });
  };
  const run = await opened.run();
  const users = Array.from({ length: 60 }, (_, at) => `u${at % 7}`);
  for (const [at, fromMs] of [100_000, 200_000].entries()) {
    await put(users, fromMs);
    const taken = async () =>
      (await listProgress(opened.ports, place)).reduce(
        (sum, { counters }) => sum + (counters.operators["totals/totals"]?.[0] ?? 0),
        0,
      );
    while ((await taken()) < (at + 1) * users.length) await opened.ports.clock.sleep(10);
  }
  await put(["broken"], 400_000);
  const failing = async () => (await listRetries(opened.ports, place)).length;
  while ((await failing()) === 0) await opened.ports.clock.sleep(10);
  run.stop();
  await run.done;
  slots = await listProgress(opened.ports, place);
  opened.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const debug = async (args: readonly string[]) =>
  await millraceHere(folder, ["debug", ...args, "--dir", "run"]);

test("each committed batch comes out again as it was committed", async () => {
  const replayed = new Map<string, number>();
  for (const { slot, version } of slots)
    for (let at = 1; at <= version; at++) {
      const { exitCode, stdout, stderr } = await debug([slot, String(at), "job.ts", "--json"]);
      if (stderr.includes("version-no-step")) continue;
      expect(exitCode, stdout + stderr).toBe(0);
      const [answer] = jsonLines(stdout) as readonly { records: number; differences: unknown[] }[];
      expect(answer?.differences).toEqual([]);
      const owner = slot.slice(0, slot.indexOf("/"));
      replayed.set(owner, (replayed.get(owner) ?? 0) + answer!.records);
    }
  // All clicks went through the source's slots, and as frames and ticks through the exchange's.
  expect(replayed.get("clicks")).toBe(121);
  expect(replayed.get("exchange")).toBeGreaterThan(6);
});

test("another version of the code is told where it comes to something else", async () => {
  const changed = slots.find(({ counters }) => counters.operators["totals/totals"] !== undefined)!;
  const ends = [];
  for (let at = 1; at <= changed.version; at++)
    ends.push(await debug([changed.slot, String(at), "other.ts"]));
  const different = ends.find(({ exitCode }) => exitCode === 3)!;
  expect(different.stdout).toMatch(/differences from what was committed:/);
  expect(different.stdout).toMatch(/state totals\/total of u\d\n\s+committed \d+\n\s+now +\d+/);
  expect(different.stdout).toMatch(/write to totals-rows/);
});

test("a batch that fails says where, with the stack of the job's own file", async () => {
  const ends = [];
  for (const { slot } of slots.filter(({ slot: name }) => name.startsWith("exchange")))
    ends.push(await debug([slot, "next", "job.ts"]));
  const failing = ends.filter(({ exitCode }) => exitCode === 3);
  expect(failing.length).toBe(1);
  expect(failing[0]?.stdout).toMatch(/is not committed: 1 record,/);
  expect(failing[0]?.stdout).toMatch(/totals fails at record \d+, element 0/);
  expect(failing[0]?.stdout).toMatch(/TypeError: There is no such user\.\n.*job\.ts:17/);
});

test("nothing of the job is changed by looking, and what is not there is named", async () => {
  const [{ slot, version }] = slots as [SlotProgress];
  const refused = async (args: readonly string[]) => (await debug(args)).stderr;
  expect(await refused([slot, String(version + 5), "job.ts"])).toContain("version-unknown");
  expect(await refused(["clicks/none", "1", "job.ts"])).toContain("slot-unknown");
  expect(await refused([slot, "last", "job.ts"])).toContain('or "next"');
  const opened = await openJobBundle({
    bundleFile: join(folder, "job.mjs"),
    dir: join(folder, "run"),
  });
  expect(await listProgress(opened.ports, { job: "clicks", generation: 1 })).toEqual(slots);
  opened.close();
});
