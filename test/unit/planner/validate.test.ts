import { describe, expect, test } from "vitest";
import {
  counter,
  elementType,
  gauge,
  histogram,
  countTrigger,
  customTrigger,
  deltaTrigger,
  isMillraceError,
  type MetricDeclarations,
  noWatermarks,
  outputTag,
  purgingTrigger,
  sessionWindows,
  type StateVersion,
  tumblingWindows,
  unchecked,
  valueState,
  type WindowAssigner,
  type WindowOptions,
} from "../../../runtime/index.ts";
import { dynamodbSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import type { MillraceError } from "../../../runtime/errors/millrace-error.ts";
import type { Graph, Node } from "../../../runtime/graph/node.ts";
import { buildPlan } from "../../../runtime/planner/build-plan.ts";
import { append, graphOf, type Order, orders, withNodes } from "../plan/fixture/jobs.ts";

const hour = tumblingWindows({ size: { hours: 1 } });

function refusal(graph: Graph): MillraceError {
  try {
    buildPlan(graph);
  } catch (thrown) {
    if (isMillraceError(thrown)) return thrown;
    throw thrown;
  }
  throw new Error("The planner took a graph that it should refuse.");
}

const simple = graphOf((env) => orders(env).sinkTo(append(), { uid: "out" }));
const keyed = graphOf((env) =>
  orders(env)
    .keyBy((order) => order.shop)
    .window(hour, { uid: "hourly" })
    .process((all) => [all.length])
    .sinkTo(append(), { uid: "out" }),
);

/** Every refusal is about the job, and says what to do next. */
const refused = (code: string, message: RegExp) => ({
  domain: "job",
  code,
  retryable: false,
  message: expect.stringMatching(message) as string,
  next: expect.stringMatching(/./) as string,
});

describe("a job is refused", () => {
  test.each(["", "1st", "a job", "a".repeat(64), "näme"])("with the name %j", (job) => {
    expect(refusal({ ...simple, job })).toMatchObject(
      refused("job-name-invalid", /can't be the name/),
    );
  });

  test.each<[string, MetricDeclarations, RegExp]>([
    ["a name that can't be shown", { "my metric": counter() }, /"my metric": a name has 1 to 64/],
    ["a name of a histogram's part", { size_sum: gauge() }, /names that end in _bucket/],
    ["bounds that fall", { size: histogram({ bounds: [2, 1] }) }, /bounds of a histogram/],
    ["no bounds", { size: histogram({ bounds: [] }) }, /bounds of a histogram/],
    ["another kind of its name", { size: gauge() }, /as a gauge, and another one has a counter/],
    ["a long description", { size: counter({ description: "x".repeat(201) }) }, /description/],
    [
      "too many",
      Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`m${at}`, counter()])),
      /declares 21 metrics; it may have 20/,
    ],
  ])("that declares a metric with %s", (_, metrics, message) => {
    const graph = graphOf((env) => {
      const byShop = orders(env).keyBy((order) => order.shop);
      const onElement = (): void => {};
      const emits = elementType<Order>();
      byShop
        .process({ uid: "first", emits, metrics: { size: counter() }, onElement })
        .sinkTo(append(), { uid: "first-out" });
      byShop
        .process({ uid: "second", emits, metrics, onElement })
        .sinkTo(append(), { uid: "second-out" });
    });
    expect(refusal(graph)).toMatchObject(refused("metric-invalid", message));
  });

  test.each([0, -1, 3, 1.5, 65_536, Number.NaN])("with maxParallelism %d", (maxParallelism) => {
    const options = { ...simple.options, maxParallelism };
    expect(refusal({ ...simple, options })).toMatchObject(
      refused("max-parallelism-invalid", /power of two/),
    );
  });

  test("with more than 1,000 nodes", () => {
    const large = graphOf((env) => {
      let stream = orders(env);
      for (let count = 0; count < 999; count++) stream = stream.filter(() => true);
      stream.sinkTo(append(), { uid: "out" });
    });
    expect(refusal(large)).toMatchObject(refused("job-too-large", /1001 nodes; at most 1000/));
  });

  test("with more than 100 sources", () => {
    const wide = graphOf((env) => {
      for (let count = 0; count < 101; count++)
        orders(env, `orders-${count}`).sinkTo(append(), { uid: `out-${count}` });
    });
    expect(refusal(wide)).toMatchObject(refused("job-too-large", /101 sources; at most 100/));
  });

  test("that reads nothing", () => {
    expect(refusal({ ...simple, nodes: [] })).toMatchObject(
      refused("job-without-source", /reads nothing/),
    );
  });

  test("that writes nothing", () => {
    const graph = graphOf((env) => void orders(env));
    expect(refusal(graph)).toMatchObject(refused("job-without-sink", /writes nothing/));
  });

  test("with a source of which nothing reaches a sink", () => {
    const graph = graphOf((env) => {
      orders(env).sinkTo(append(), { uid: "out" });
      orders(env, "returns").map((order) => order.item);
    });
    const error = refusal(graph);
    expect(error).toMatchObject(refused("source-unused", /source "returns" at .*jobs\.ts:\d+/));
    expect(error.uid).toBe("returns");
  });

  test("with a stateful operator of which nothing reaches a sink", () => {
    const graph = graphOf((env) => {
      const all = orders(env);
      all.sinkTo(append(), { uid: "out" });
      all.keyBy((order) => order.shop).reduce((one) => one, { uid: "last" });
    });
    expect(refusal(graph)).toMatchObject(
      refused("operator-unused", /reduce "last" at planner\/validate\.test\.ts:\d+/),
    );
  });
});

describe("two owners are refused", () => {
  const rows = (table: string) => dynamodbSink<Order>({ table, key: ["shop"] });

  test.each([
    ["uid", "exchange", []],
    ["previous uid", "orders", ["exchange"]],
  ])("of a slot's name: a source whose %s is the exchange's", (what, uid, previousUids) => {
    const graph = graphOf((env) =>
      orders(env, uid, { previousUids }).sinkTo(append(), { uid: "out" }),
    );
    expect(refusal(graph)).toMatchObject(
      refused("uid-reserved", new RegExp(`source "${uid}" at .* has the ${what} "exchange"`)),
    );
  });

  test("of a stream: two sources that read it, with both places", () => {
    const graph = graphOf((env) => {
      const source = kinesisSource({ stream: "orders", schema: unchecked<Order>() });
      orders(env).sinkTo(append(), { uid: "out" });
      env
        .source(source, { uid: "again", watermarks: noWatermarks() })
        .sinkTo(append(), { uid: "out-2" });
    });
    const error = refusal(graph);
    expect(error).toMatchObject(
      refused(
        "stream-read-twice",
        /source "orders" at .* and the source "again" at .*validate\.test/,
      ),
    );
    expect(error.uid).toBe("again");
  });

  test("of a table's rows: two sinks that write it, behind one key or two", () => {
    const graph = graphOf((env) => {
      const byShop = orders(env).keyBy((order) => order.shop);
      byShop.reduce((one) => one, { uid: "first" }).sinkTo(rows("shops"), { uid: "a" });
      orders(env, "returns").sinkTo(rows("shops"), { uid: "b" });
    });
    expect(refusal(graph)).toMatchObject(
      refused(
        "table-written-twice",
        /sink "a" at .* and the sink "b" at .* the same table, "shops"/,
      ),
    );
  });

  test("but not where the two streams are united before one sink, nor where two sinks append", () => {
    const graph = graphOf((env) => {
      const all = orders(env).union(orders(env, "returns"));
      all.sinkTo(rows("shops"), { uid: "rows" });
      all.sinkTo(append(), { uid: "out" });
      all.sinkTo(append(), { uid: "out-2" });
    });
    expect(buildPlan(graph).sinks).toHaveLength(3);
  });
});

describe("a uid is refused", () => {
  test("that was given before, with both places", () => {
    const graph = graphOf((env) => {
      orders(env).sinkTo(append(), { uid: "same" });
      orders(env, "returns").sinkTo(append(), { uid: "same" });
    });
    const error = refusal(graph);
    expect(error).toMatchObject(
      refused(
        "uid-duplicate",
        /"same" is given twice: to the sink at planner\/validate\.test\.ts:\d+:\d+ and to the sink at planner\/validate/,
      ),
    );
    expect(error.uid).toBe("same");
  });

  test("that another operator had before, with both places", () => {
    const graph = graphOf((env) => {
      orders(env).sinkTo(append(), { uid: "old" });
      orders(env, "returns").sinkTo(append(), { uid: "new", previousUids: ["older", "old"] });
    });
    const error = refusal(graph);
    expect(error).toMatchObject(
      refused(
        "uid-duplicate",
        /"old" is given twice: to the sink at planner\/validate\.test\.ts:\d+:\d+ and to the sink "new" at planner\/validate\.test\.ts:\d+:\d+ as a previous uid/,
      ),
    );
    expect(error.uid).toBe("old");
  });

  test.each([
    ["of two operators", ["was"], ["was"]],
    ["twice of one", [], ["was", "was"]],
    ["that it still has", [], ["two"]],
  ])("that is a previous one %s", (_, ofOne, ofTwo) => {
    const graph = graphOf((env) => {
      orders(env).sinkTo(append(), { uid: "one", previousUids: ofOne });
      orders(env, "returns", { previousUids: [] }).sinkTo(append(), {
        uid: "two",
        previousUids: ofTwo,
      });
    });
    expect(refusal(graph)).toMatchObject(refused("uid-duplicate", /as a previous uid/));
  });

  test.each([[["a b"]], [[1]], ["old"]])("that was %j before", (previousUids) => {
    const graph = withNodes(simple, ({ kind }) => (kind === "sink" ? { previousUids } : {}));
    expect(refusal(graph)).toMatchObject(refused("uid-invalid", /has the previous uid .*list of/s));
  });

  test.each(["", "a b", "a/b", "ü", "a".repeat(129), "constructor", "__proto__"])(
    "that is %j",
    (uid) => {
      const graph = withNodes(simple, ({ kind }) => (kind === "sink" ? { uid } : {}));
      expect(refusal(graph)).toMatchObject(refused("uid-invalid", /1 to 128 characters/));
    },
  );

  test.each(["source", "window", "sink"])("where a %s has none", (kind) => {
    const graph = withNodes(keyed, (node) => (node.kind === kind ? { uid: undefined } : {}));
    expect(refusal(graph)).toMatchObject(refused("uid-missing", new RegExp(`The ${kind} at`)));
  });
});

describe("a dataflow is refused", () => {
  const rewired = (inputs: readonly { from: number; tag?: string }[], of: Node["kind"] = "sink") =>
    withNodes(keyed, ({ kind }) => (kind === of ? { inputs } : {}));

  test.each([3, 2])("with a loop: node 2 fed by node %d", (from) => {
    expect(refusal(rewired([{ from }], "window"))).toMatchObject(
      refused("graph-cyclic", /doesn't come before it/),
    );
  });

  test("with an input that isn't there", () => {
    expect(refusal(rewired([{ from: 9 }]))).toMatchObject(
      refused("edge-invalid", /node 9, which isn't there/),
    );
  });

  test("with a sink that nothing feeds", () => {
    expect(refusal(rewired([]))).toMatchObject(
      refused("sink-unfed", /Nothing feeds the sink "out"/),
    );
  });

  test("with a source that something feeds", () => {
    expect(refusal(rewired([{ from: 0 }], "source"))).toMatchObject(
      refused("edge-invalid", /has 1 inputs/),
    );
  });

  test("with ids that are no positions", () => {
    const graph = { ...keyed, nodes: keyed.nodes.toReversed() };
    expect(refusal(graph)).toMatchObject(refused("edge-invalid", /has the id 3 at place 0/));
  });

  test("with a stateful operator whose input is not keyed", () => {
    expect(refusal(rewired([{ from: 0 }], "window"))).toMatchObject(
      refused("stream-not-keyed", /not keyed/),
    );
  });

  test("that reads a side output which a window doesn't have", () => {
    const graph = rewired([{ from: 2, tag: "late" }]);
    const error = refusal(graph);
    expect(error).toMatchObject(refused("side-output-unknown", /no side output "late"/));
    expect(error.next).toMatch(/lateOutput/);
  });

  test("that reads a side output of an operator without any", () => {
    const graph = withNodes(simple, ({ kind }) =>
      kind === "sink" ? { inputs: [{ from: 0, tag: "late" }] } : {},
    );
    expect(refusal(graph)).toMatchObject(
      refused("side-output-unknown", /source "orders" .*has no side output/),
    );
  });

  test("that unites a stream with itself", () => {
    const graph = graphOf((env) => {
      const all = orders(env);
      all.union(all.union(all)).sinkTo(append(), { uid: "out" });
    });
    expect(refusal(graph)).toMatchObject(
      refused("union-repeats-stream", /output of the source "orders".* twice/),
    );
  });
});

describe("a state's version is refused", () => {
  const versioned = (version: unknown, migrate?: unknown) =>
    graphOf((env) =>
      orders(env)
        .keyBy((order) => order.shop)
        .process({
          uid: "count",
          state: { total: valueState<number>({ version, migrate } as StateVersion<number>) },
          onElement() {},
        })
        .sinkTo(append(), { uid: "out" }),
    );

  test.each([0, -1, 1.5, Number.NaN, "2", null, 2 ** 53])("that is %j", (version) => {
    const error = refusal(versioned(version));
    expect(error).toMatchObject(
      refused(
        "state-version-invalid",
        /process "count" at planner\/validate\.test\.ts:\d+:\d+ gives its state "total" the version/,
      ),
    );
    expect(error.uid).toBe("count");
  });

  test("whose migrate is not a function", () => {
    expect(refusal(versioned(2, "migrate"))).toMatchObject(
      refused("state-version-invalid", /state "total" a migrate that is not a function/),
    );
  });

  test("that expires by event time where there is none", () => {
    const graph = (time: "event" | "processing") =>
      graphOf((env) =>
        env
          .source(kinesisSource({ stream: "all", schema: unchecked<Order>() }), {
            uid: "all",
            watermarks: noWatermarks(),
          })
          .keyBy((order) => order.shop)
          .process({
            uid: "count",
            state: { total: valueState<number>({ ttl: { after: { days: 1 }, time } }) },
            onElement() {},
          })
          .sinkTo(append(), { uid: "out" }),
      );
    expect(refusal(graph("event"))).toMatchObject(
      refused(
        "state-ttl-without-watermarks",
        /would keep its state "total" for ever.*source "all".* has no watermarks/,
      ),
    );
    expect(() => buildPlan(graph("processing"))).not.toThrow();
  });

  test("of elements where a window keeps an accumulator", () => {
    const graph = graphOf((env) =>
      orders(env)
        .keyBy((order) => order.shop)
        .window(hour, { uid: "hourly", version: 2 })
        .aggregate({ create: () => 0, add: (sum) => sum + 1, result: (sum) => sum })
        .sinkTo(append(), { uid: "out" }),
    );
    expect(refusal(graph)).toMatchObject(
      refused("state-version-invalid", /window "hourly".* keeps an accumulator/),
    );
  });
});

describe("a window is refused", () => {
  test("that would never fire, since a source has no watermarks", () => {
    const graph = graphOf((env) =>
      orders(env)
        .union(orders(env, "untimed", { watermarks: noWatermarks() }))
        .keyBy((order) => order.shop)
        .window(hour, { uid: "hourly" })
        .process((all) => [all.length])
        .sinkTo(append(), { uid: "out" }),
    );
    const error = refusal(graph);
    expect(error).toMatchObject(refused("window-without-watermarks", /would never fire/));
    expect(error.message).toMatch(/source "untimed"/);
    expect(error.uid).toBe("hourly");
  });

  test("over sessions with an aggregate that has no merge", () => {
    const aggregate = { create: () => 0, add: (sum: number) => sum, result: (sum: number) => sum };
    const graph = withNodes(keyed, ({ kind }) =>
      kind === "window"
        ? {
            assigner: sessionWindows({ gap: { minutes: 5 } }),
            compute: { kind: "aggregate", aggregate },
          }
        : {},
    );
    expect(refusal(graph)).toMatchObject(refused("session-merge-missing", /has no merge/));
  });
});

describe("a trigger is refused", () => {
  const windowed = (assigner: WindowAssigner, options: Partial<WindowOptions<Order>>) =>
    graphOf((env) =>
      orders(env)
        .keyBy("shop")
        .window(assigner, { uid: "hourly", ...options })
        .process((all) => [all.length])
        .sinkTo(append(), { uid: "out" }),
    );

  test.each(["session", "tumbling"] as const)("that can't merge, over sessions: %s", (kind) => {
    const trigger = deltaTrigger<Order>({ threshold: 1, delta: () => 2 });
    if (kind === "tumbling") expect(buildPlan(windowed(hour, { trigger })).stages).toHaveLength(2);
    else
      expect(refusal(windowed(sessionWindows({ gap: { minutes: 5 } }), { trigger }))).toMatchObject(
        refused("trigger-merge-missing", /trigger "delta above 1" of session .* has no onMerge/),
      );
  });

  test("that purges what is to be accumulated", () => {
    const trigger = purgingTrigger<Order>(countTrigger(3));
    expect(refusal(windowed(hour, { trigger, accumulation: "retracting" }))).toMatchObject(
      refused(
        "accumulation-invalid",
        /to be retracting, but its trigger "count 3, purging" purges/,
      ),
    );
  });

  test.each(["windows", "timers"])(
    "with a state of the name %s, under which windows keep theirs",
    (name) => {
      expect(
        refusal(windowed(hour, { globalState: { [name]: valueState() } as {} })),
      ).toMatchObject(refused("state-name-reserved", /windows keep their own under that name/));
    },
  );

  test("whose functions are asynchronous", () => {
    const trigger = customTrigger({ name: "slow", onElement: (async () => "fire") as never });
    expect(refusal(windowed(hour, { trigger }))).toMatchObject(
      refused("function-asynchronous", /onElement of the window "hourly"/),
    );
  });
});

test("global windows and windows of processing time need no watermarks", () => {
  const graph = graphOf((env) => {
    const untimed = orders(env, "untimed", { watermarks: noWatermarks() }).keyBy("shop");
    untimed
      .countWindow({ size: 3, uid: "counted" })
      .process((all) => [all.length])
      .sinkTo(append(), { uid: "one" });
    untimed
      .window(tumblingWindows({ size: { minutes: 1 }, time: "processing" }), { uid: "timed" })
      .process((all) => [all.length])
      .sinkTo(append(), { uid: "other" });
  });
  expect(buildPlan(graph).sinks).toHaveLength(2);
});

test("side outputs of a process function are taken on trust, as is a window's late output", () => {
  const late = outputTag<Order>("late");
  const graph = graphOf((env) => {
    const byShop = orders(env).keyBy((order) => order.shop);
    byShop
      .process({ uid: "process", onElement: (order, ctx) => ctx.output(late, order) })
      .sideOutput(late)
      .sinkTo(append(), { uid: "one" });
    byShop
      .window(hour, { uid: "hourly", lateOutput: late })
      .process((all) => [all.length])
      .sideOutput(late)
      .sinkTo(append(), { uid: "other" });
  });
  expect(buildPlan(graph).sinks.map(({ uid }) => uid)).toEqual(["one", "other"]);
});
