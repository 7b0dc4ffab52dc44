import { describe, expect, test, vi } from "vitest";
import { runEmbedded } from "../../dev/run-embedded.ts";
import { dynamodbSink, kinesisSink, kinesisSource } from "../../runtime/connectors/index.ts";
import { createStreams, embeddedRuntime } from "../../runtime/embedded/job-world.ts";
import { type EmbeddedPorts, memoryPorts } from "../../runtime/embedded/ports.ts";
import {
  boundedOutOfOrderness,
  defineJob,
  type JobDefinition,
  outputTag,
  tumblingWindows,
  unchecked,
} from "../../runtime/index.ts";
import { buildPlan } from "../../runtime/planner/build-plan.ts";
import { readDeadLetters } from "../../runtime/job/dead-letter-objects.ts";
import { listProgress } from "../../runtime/job/progress.ts";
import { rowsOf } from "./slot-world.ts";
import { patienceMs } from "../patience.ts";

interface Event {
  readonly k: string;
  readonly atMs: number;
}

const counting = {
  create: () => ({ n: 0 }),
  add: (sum: { n: number }) => ({ n: sum.n + 1 }),
  result: ({ n }: { n: number }) => n,
};

const strategy = boundedOutOfOrderness<Event>({
  timestamp: ({ atMs }) => atMs,
  bound: { seconds: 0 },
  idleAfter: { milliseconds: 50 },
});

const fast = { tickIntervalMs: 5, shardListMs: 20, sourceQuietMs: 10 };

async function start(
  { graph }: JobDefinition,
  ports: EmbeddedPorts,
  shards = { source: 1, exchange: 2 },
) {
  const plan = buildPlan(graph);
  await createStreams(plan, ports, shards);
  const errors: unknown[] = [];
  const job = embeddedRuntime({ graph, plan }, ports);
  const run = await runEmbedded({ job, coordinator: fast, onError: (error) => errors.push(error) });
  return { run, errors };
}

async function put(
  ports: EmbeddedPorts,
  stream: string,
  values: readonly unknown[],
): Promise<void> {
  const data = (value: unknown) =>
    new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
  await ports.writer.put(
    stream,
    values.map((value, at) => ({ partitionKey: `p${at}`, data: data(value) })),
  );
}

const event = (k: string, atMs: number): Event => ({ k, atMs });

describe("a whole embedded run", () => {
  test("a union goes on without a source that is idle, and takes its elements when it wakes up", async () => {
    const job = defineJob("union", (env) => {
      const [left, right] = ["left", "right"].map((stream) =>
        env.source(kinesisSource({ stream, schema: unchecked<Event>() }), {
          uid: stream,
          watermarks: strategy,
        }),
      );
      left!
        .union(right!)
        .keyBy(({ k }) => k)
        .window(tumblingWindows({ size: { seconds: 10 } }), {
          uid: "windows",
          allowedLateness: { hours: 1 },
        })
        .aggregate(counting, (n, { key, window }) => ({ k: key, startMs: window.startMs, n }))
        .sinkTo(dynamodbSink({ table: "counts", key: ["k", "startMs"] }), { uid: "counts" });
    });
    const ports = memoryPorts();
    const { run, errors } = await start(job, ports);
    await put(ports, "left", [event("a", 1_000), event("a", 2_000), event("a", 15_000)]);
    // Nothing has come from the right, and the left's first window fires nevertheless.
    await vi.waitFor(
      async () => expect(await rowsOf(ports, "counts")).toEqual(['{"k":"a","n":2,"startMs":0}']),
      { timeout: patienceMs, interval: 5 },
    );
    await put(ports, "right", [event("a", 16_000), event("b", 17_000)]);
    await ports.admin.endStream("left");
    await ports.admin.endStream("right");
    expect(await run.done).toBe("ended");
    expect(errors).toEqual([]);
    expect(await rowsOf(ports, "counts")).toEqual([
      '{"k":"a","n":2,"startMs":0}',
      '{"k":"a","n":2,"startMs":10000}',
      '{"k":"b","n":1,"startMs":10000}',
    ]);
  });

  test("what is too late goes to the late output, what can't be read to the dead letters, and both are counted", async () => {
    const late = outputTag<Event>("late");
    const job = defineJob("late", (env) => {
      const counts = env
        .source(kinesisSource({ stream: "in", schema: unchecked<Event>() }), {
          uid: "in",
          watermarks: strategy,
        })
        .keyBy(({ k }) => k)
        .window(tumblingWindows({ size: { seconds: 10 } }), { uid: "windows", lateOutput: late })
        .aggregate(counting, (n, { key, window }) => ({ k: key, startMs: window.startMs, n }));
      counts.sinkTo(dynamodbSink({ table: "counts", key: ["k", "startMs"] }), { uid: "counts" });
      counts
        .sideOutput(late)
        .sinkTo(dynamodbSink({ table: "late", key: ["k", "atMs"] }), { uid: "late" });
    });
    const ports = memoryPorts();
    const { run, errors } = await start(job, ports);
    await put(ports, "in", [event("a", 1_000), "{broken", event("a", 25_000)]);
    await vi.waitFor(
      async () => expect(await rowsOf(ports, "counts")).toEqual(['{"k":"a","n":1,"startMs":0}']),
      { timeout: patienceMs, interval: 5 },
    );
    await put(ports, "in", [event("a", 2_000), event("a", 26_000), "broken}"]);
    await ports.admin.endStream("in");
    await run.done;
    expect(errors).toEqual([]);
    expect(await rowsOf(ports, "late")).toEqual(['{"atMs":2000,"k":"a"}']);
    expect(await rowsOf(ports, "counts")).toEqual([
      '{"k":"a","n":1,"startMs":0}',
      '{"k":"a","n":2,"startMs":20000}',
    ]);
    const rows = await listProgress(ports, { job: "late", generation: 1 });
    const sum = (of: (counters: (typeof rows)[number]["counters"]) => number) =>
      rows.reduce((total, { counters }) => total + of(counters), 0);
    expect(sum(({ deadLetters }) => deadLetters)).toBe(2);
    expect(sum(({ operators }) => operators["windows/windows"]?.[1] ?? 0)).toBe(1);
    expect(await readDeadLetters(ports.objects, "late/1/dead-letters/")).toHaveLength(2);
  });

  test("a job that drops duplicates passes each record of another job's sink once, however often it was sent", async () => {
    const writer = defineJob("writer", (env) => {
      env
        .source(kinesisSource({ stream: "in", schema: unchecked<Event>() }), {
          uid: "in",
          watermarks: strategy,
        })
        .sinkTo(kinesisSink<Event>({ stream: "between", partitionKey: ({ k }) => k }), {
          uid: "between",
        });
    });
    const reader = defineJob("reader", (env) => {
      env
        .source(
          kinesisSource({ stream: "between", schema: unchecked<Event>(), dropDuplicates: true }),
          { uid: "between", watermarks: strategy },
        )
        .keyBy(({ k }) => k)
        .window(tumblingWindows({ size: { seconds: 10 } }), {
          uid: "windows",
          allowedLateness: { hours: 1 },
        })
        .aggregate(counting, (n, { key, window }) => ({ k: key, startMs: window.startMs, n }))
        .sinkTo(dynamodbSink({ table: "counts", key: ["k", "startMs"] }), { uid: "counts" });
    });
    const ports = memoryPorts();
    let puts = 0;
    // Each second put of the sink's stream succeeds, and its answer is lost in part: those records are sent again.
    const twice: EmbeddedPorts = {
      ...ports,
      writer: {
        put: async (stream, entries) => {
          const results = await ports.writer.put(stream, entries);
          const isLossy = stream === "between" && puts++ % 2 === 0;
          return isLossy
            ? results.map((result, at) =>
                at % 2 === 0 ? { put: false, reason: "failed" as const } : result,
              )
            : results;
        },
      },
    };
    const first = await start(writer, twice);
    const events = Array.from({ length: 60 }, (_, at) => event(`k${at % 3}`, at * 100));
    await put(ports, "in", events);
    await ports.admin.endStream("in");
    await first.run.done;
    const sent = (await ports.admin.describe("between")).shards.reduce(
      (sum, { records }) => sum + records,
      0,
    );
    expect(sent).toBeGreaterThan(60);
    const second = await start(reader, ports);
    await ports.admin.endStream("between");
    await second.run.done;
    expect(await rowsOf(ports, "counts")).toEqual(
      ["k0", "k1", "k2"].map((k) => `{"k":"${k}","n":20,"startMs":0}`),
    );
  });
});
