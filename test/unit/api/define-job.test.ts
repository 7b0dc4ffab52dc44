import { describe, expect, test } from "vitest";
import {
  checkpointing,
  defineJob,
  elementType,
  exponentialDelay,
  failureRate,
  fixedDelay,
  isJobDefinition,
  noRestart,
  noWatermarks,
  outputTag,
  type StreamEnvironment,
  tumblingWindows,
  unchecked,
  valueState,
} from "../../../runtime/index.ts";
import { kinesisSink, kinesisSource } from "../../../runtime/connectors/index.ts";

const connector = kinesisSource({ stream: "orders", schema: unchecked<{ shop: string }>() });
const sink = kinesisSink<unknown>({ stream: "out", partitionKey: () => "one" });
const source = (env: StreamEnvironment, uid = "orders") =>
  env.source(connector, { uid, watermarks: noWatermarks() });

describe("a job definition", () => {
  test("holds its graph: nodes in the order of their definition", () => {
    const { name, graph } = defineJob("job", (env) => {
      source(env)
        .map((order) => order.shop)
        .filter((shop) => shop !== "")
        .flatMap((shop) => [shop, shop])
        .sinkTo(sink, { uid: "out" });
    });
    expect(name).toBe("job");
    expect(graph.job).toBe("job");
    expect(graph.nodes.map(({ id, kind, inputs }) => [id, kind, inputs])).toEqual([
      [0, "source", []],
      [1, "map", [{ from: 0 }]],
      [2, "filter", [{ from: 1 }]],
      [3, "flatMap", [{ from: 2 }]],
      [4, "sink", [{ from: 3 }]],
    ]);
  });

  test("is frozen, down to the inputs of its nodes", () => {
    const job = defineJob("job", (env) => source(env).sinkTo(sink, { uid: "out" }));
    const { graph } = job;
    for (const part of [job, graph, graph.nodes, graph.options, ...graph.nodes])
      expect(Object.isFrozen(part)).toBe(true);
    for (const { inputs } of graph.nodes)
      for (const part of [inputs, ...inputs]) expect(Object.isFrozen(part)).toBe(true);
  });

  test("says of every node where it was defined: in this file, not in the library", () => {
    const { graph } = defineJob("job", (env) => {
      const orders = source(env);
      const keyed = orders.keyBy((order) => order.shop);
      keyed.reduce((one) => one, { uid: "reduce" });
      keyed.process({ uid: "process", onElement() {} });
      const windows = keyed.window(tumblingWindows({ size: { hours: 1 } }), { uid: "window" });
      windows.process(() => []);
      orders.union(source(env, "others")).sinkTo(sink, { uid: "out" });
    });
    for (const { definedAt } of graph.nodes)
      expect(definedAt).toMatch(/^api\/define-job\.test\.ts:\d+:\d+$/);
  });

  test("is recognised, also when another copy of the package made it", () => {
    expect(isJobDefinition(defineJob("job", () => undefined))).toBe(true);
    expect(isJobDefinition({ [Symbol.for("millrace.job")]: true })).toBe(true);
    for (const other of [undefined, null, "job", {}, () => undefined, { name: "job", graph: {} }])
      expect(isJobDefinition(other)).toBe(false);
  });

  test("tries a record again three times, a second apart, unless it says otherwise", () => {
    expect(defineJob("job", () => undefined).graph.options).toEqual({
      maxParallelism: 1024,
      restart: { kind: "fixed-delay", attempts: 3, delayMs: 1_000 },
      checkpoints: {
        intervalMs: 600_000,
        timeoutMs: 600_000,
        minPauseMs: 0,
        tolerableFailures: 0,
        retain: 3,
        onCancel: "retain",
      },
    });
    const checkpoints = checkpointing({ interval: "never", retain: 1, onCancel: "delete" });
    const options = { maxParallelism: 16, restart: noRestart(), checkpoints };
    expect(defineJob("job", () => undefined, options).graph.options).toEqual({
      maxParallelism: 16,
      restart: { kind: "none" },
      checkpoints: { ...checkpoints, intervalMs: Number.POSITIVE_INFINITY, retain: 1 },
    });
  });

  test("can't be built asynchronously", () => {
    // oxlint-disable-next-line typescript/no-misused-promises -- this is what is refused
    const build = (async () => undefined) as () => unknown;
    expect(() => defineJob("job", build)).toThrow(
      expect.objectContaining({ code: "build-asynchronous" }),
    );
  });

  test("can't grow once it is defined", () => {
    let escaped: ReturnType<typeof source> | undefined;
    defineJob("job", (env) => {
      escaped = source(env);
    });
    expect(() => escaped?.map((order) => order)).toThrow(
      expect.objectContaining({ code: "job-already-built" }),
    );
  });
});

describe("a stream", () => {
  test("of another job can't be united with", () => {
    let other: ReturnType<typeof source> | undefined;
    defineJob("other", (env) => {
      other = source(env);
    });
    defineJob("job", (env) => {
      expect(() => source(env).union(other as ReturnType<typeof source>)).toThrow(
        expect.objectContaining({
          code: "stream-of-another-job",
          message: expect.stringContaining('a stream of job "other"'),
        }),
      );
    });
  });

  test("leaves the stream that it was made of as it was", () => {
    const { graph } = defineJob("job", (env) => {
      const orders = source(env);
      orders.map((order) => order.shop);
      orders.filter(() => true);
    });
    expect(graph.nodes.slice(1).map(({ inputs }) => inputs)).toEqual([
      [{ from: 0 }],
      [{ from: 0 }],
    ]);
  });

  test("of a side output is an edge with a tag", () => {
    const late = outputTag<{ shop: string }>("late");
    const { graph } = defineJob("job", (env) => {
      source(env)
        .keyBy((order) => order.shop)
        .window(tumblingWindows({ size: { hours: 1 } }), {
          uid: "hourly",
          allowedLateness: { hours: 6 },
          lateOutput: late,
        })
        .process(() => [])
        .sideOutput(late)
        .sinkTo(sink, { uid: "out" });
    });
    expect(graph.nodes[2]).toMatchObject({
      kind: "window",
      name: "hourly",
      allowedLatenessMs: 21_600_000,
      lateTag: "late",
    });
    expect(graph.nodes[3]?.inputs).toEqual([{ from: 2, tag: "late" }]);
  });

  test("of a process function keeps its definition", () => {
    const onElement = () => undefined;
    const onTimer = { expire: () => undefined };
    const state = { seen: valueState<number>() };
    const { graph } = defineJob("job", (env) => {
      source(env)
        .keyBy((order) => order.shop)
        .process({ uid: "process", emits: elementType<string>(), state, onElement, onTimer });
    });
    expect(graph.nodes[2]).toMatchObject({ kind: "process", uid: "process" });
    expect(graph.nodes[2]).toHaveProperty("definition", {
      uid: "process",
      emits: {},
      state,
      onElement,
      onTimer,
    });
  });

  test("of windows refuses a negative lateness", () => {
    defineJob("job", (env) => {
      const keyed = source(env).keyBy((order) => order.shop);
      const windows = tumblingWindows({ size: { hours: 1 } });
      expect(() => keyed.window(windows, { uid: "w", allowedLateness: { hours: -1 } })).toThrow(
        expect.objectContaining({ code: "lateness-invalid", uid: "w" }),
      );
    });
  });
});

describe("a restart strategy", () => {
  test.each([
    [0, 1],
    [1.5, 1],
    [1_001, 1],
    [Number.NaN, 1],
    [3, -1],
    [3, 86_401],
  ])("of %d attempts, %d seconds apart, is refused", (attempts, seconds) => {
    expect(() => fixedDelay({ attempts, delay: { seconds } })).toThrow(
      expect.objectContaining({ code: "restart-invalid" }),
    );
  });
});

describe("a restart strategy of another kind", () => {
  test.each([
    [() => exponentialDelay({ attempts: 0 }), /attempts is 0/],
    [() => exponentialDelay({ initialBackoff: {} }), /initialBackoff is 0 ms/],
    [() => exponentialDelay({ maxBackoff: { milliseconds: 1 } }), /maxBackoff is 1 ms/],
    [() => exponentialDelay({ backoffMultiplier: 0.5 }), /backoffMultiplier is 0.5/],
    [() => exponentialDelay({ jitterFactor: 2 }), /jitterFactor is 2/],
    [() => failureRate({ maxFailuresPerInterval: 0 }), /maxFailuresPerInterval is 0/],
    [() => failureRate({ failureRateInterval: {} }), /failureRateInterval is 0 ms/],
    [() => failureRate({ delay: { seconds: -1 } }), /delay is -1000 ms/],
    [() => failureRate({ delay: { days: 25 } }), /delay is 2160000000 ms; it must be from 0 to/],
    [() => exponentialDelay({ maxBackoff: { days: 2 } }), /maxBackoff is 172800000 ms/],
  ])("is refused: %s", (strategy, message) => {
    expect(strategy).toThrow(
      expect.objectContaining({
        code: "restart-invalid",
        message: expect.stringMatching(message),
      }),
    );
  });

  test("has Flink's defaults", () => {
    expect(exponentialDelay()).toEqual({
      kind: "exponential-delay",
      attempts: 10,
      initialBackoffMs: 1_000,
      maxBackoffMs: 60_000,
      backoffMultiplier: 1.5,
      jitterFactor: 0.1,
    });
    expect(failureRate()).toEqual({
      kind: "failure-rate",
      maxFailuresPerInterval: 1,
      failureRateIntervalMs: 60_000,
      delayMs: 1_000,
    });
  });
});

describe("checkpointing", () => {
  test.each([
    [{ interval: { milliseconds: 9 } }],
    [{ timeout: { milliseconds: 1 } }],
    [{ minPause: { seconds: -1 } }],
    [{ tolerableFailures: -1 }],
    [{ tolerableFailures: 0.5 }],
    [{ retain: 0 }],
    [{ retain: 101 }],
  ])("of %j is refused", (options) => {
    expect(() => checkpointing(options)).toThrow(
      expect.objectContaining({ code: "checkpoints-invalid" }),
    );
  });
});

test("an unchecked schema passes on whatever comes", () => {
  expect(unchecked<string>()["~standard"].validate(1)).toEqual({ value: 1 });
});
