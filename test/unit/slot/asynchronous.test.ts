import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { dynamodbSink, kinesisSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import {
  defineJob,
  elementType,
  type JobDefinition,
  type KeyedStream,
  monotonousTimestamps,
  outputTag,
  tumblingWindows,
  unchecked,
} from "../../../runtime/index.ts";
import { buildPlan } from "../../../runtime/planner/build-plan.ts";
import type { DeadLetter } from "../../../runtime/job/dead-letter.ts";
import { readDeadLetters } from "../../../runtime/job/dead-letter-objects.ts";
import { driver, rowsOf, slotWorld } from "../../integration/slot-world.ts";

interface Item {
  readonly k: string;
  readonly n: number;
}

type Source = ReturnType<Parameters<Parameters<typeof defineJob>[1]>[0]["source"]>;
// What the types refuse is tried all the same: JavaScript has none, and casts are made.
// oxlint-disable-next-line typescript/no-explicit-any
type Any = any;

const out = () => dynamodbSink<Item>({ table: "out", key: ["k"] });
const minute = tumblingWindows({ size: { minutes: 1 } });
const byKey = (items: Any): KeyedStream<Item, string> => items.keyBy(({ k }: Item) => k) as never;

/** A failing promise: nobody may be told of it but the dead letter. */
const rejected = (): Any => Promise.reject(new Error("nobody waits for this"));
async function* asyncResults() {
  yield await Promise.resolve({ k: "a", n: 1 });
}
function* results() {
  yield { k: "a", n: 1 };
}

/** What a job does with items; each function answers with a promise or a generator where `answer` does. */
const places: readonly (readonly [string, (items: Any, answer: (item: Item) => Any) => void])[] = [
  ["map", (items, answer) => items.map(answer).sinkTo(out(), { uid: "out" })],
  ["filter", (items, answer) => items.filter(answer).sinkTo(out(), { uid: "out" })],
  ["flatMap", (items, answer) => items.flatMap(answer).sinkTo(out(), { uid: "out" })],
  [
    "a result of flatMap",
    (items, answer) => items.flatMap((item: Item) => [answer(item)]).sinkTo(out(), { uid: "out" }),
  ],
  [
    "keyBy",
    (items, answer) =>
      items
        .keyBy(answer)
        .reduce((_: Item, item: Item) => item, { uid: "last" })
        .sinkTo(out(), { uid: "out" }),
  ],
  [
    "onElement",
    (items, answer) =>
      byKey(items)
        .process({ uid: "p", emits: elementType<Item>(), onElement: answer })
        .sinkTo(out(), { uid: "out" }),
  ],
  [
    "onTimer",
    (items, answer) =>
      byKey(items)
        .process({
          uid: "p",
          emits: elementType<Item>(),
          onElement: (_, ctx) => ctx.timers.event("soon").set(0),
          onTimer: { soon: () => answer({ k: "a", n: 1 }) },
        })
        .sinkTo(out(), { uid: "out" }),
  ],
  [
    "emit",
    (items, answer) =>
      byKey(items)
        .process({
          uid: "p",
          emits: elementType<Any>(),
          onElement: (item, ctx) => ctx.emit(answer(item)),
        })
        .sinkTo(out(), { uid: "out" }),
  ],
  [
    "output",
    (items, answer) =>
      byKey(items)
        .process({
          uid: "p",
          onElement: (item, ctx) => ctx.output(outputTag("side"), answer(item)),
        })
        .sideOutput(outputTag<Item>("side"))
        .sinkTo(out(), { uid: "out" }),
  ],
  [
    "reduce",
    (items, answer) =>
      byKey(items)
        .reduce((_, item) => answer(item), { uid: "r" })
        .sinkTo(out(), { uid: "out" }),
  ],
  [
    "create",
    (items, answer) =>
      byKey(items)
        .window(minute, { uid: "w" })
        .aggregate({
          create: () => answer({ k: "a", n: 1 }),
          add: (_, item) => item,
          result: (item) => item as Item,
        })
        .sinkTo(out(), { uid: "out" }),
  ],
  [
    "add",
    (items, answer) =>
      byKey(items)
        .window(minute, { uid: "w" })
        .aggregate({
          create: () => 0 as Any,
          add: (_, item) => answer(item),
          result: (item) => item as Item,
        })
        .sinkTo(out(), { uid: "out" }),
  ],
  [
    "result",
    (items, answer) =>
      byKey(items)
        .window(minute, { uid: "w" })
        .aggregate({
          create: () => 0,
          add: (n, item) => n + item.n,
          result: (n) => answer({ k: "a", n }) as Item,
        })
        .sinkTo(out(), { uid: "out" }),
  ],
  [
    "result function",
    (items, answer) =>
      byKey(items)
        .window(minute, { uid: "w" })
        .aggregate(
          { create: () => 0, add: (n, item) => n + item.n, result: (n) => n },
          (n) => answer({ k: "a", n }) as Item,
        )
        .sinkTo(out(), { uid: "out" }),
  ],
  [
    "reduce of a window",
    (items, answer) =>
      byKey(items)
        .window(minute, { uid: "w" })
        .reduce((_, item) => answer(item))
        .sinkTo(out(), { uid: "out" }),
  ],
  [
    "process of a window",
    (items, answer) =>
      byKey(items)
        .window(minute, { uid: "w" })
        .process<Item>(([item]) => answer(item!))
        .sinkTo(out(), { uid: "out" }),
  ],
  [
    "toRow",
    (items, answer) =>
      items.sinkTo(dynamodbSink<Item, Item>({ table: "out", key: ["k"], toRow: answer }), {
        uid: "out",
      }),
  ],
  [
    "toRecord",
    (items, answer) =>
      items.sinkTo(
        kinesisSink<Item>({ stream: "appended", partitionKey: ({ k }) => k, toRecord: answer }),
        { uid: "out" },
      ),
  ],
  [
    "partitionKey",
    (items, answer) =>
      items.sinkTo(kinesisSink<Item>({ stream: "appended", partitionKey: answer }), { uid: "out" }),
  ],
];

function jobOf(
  build: (items: Source) => void,
  timestamp: (item: Item) => Any = () => 1_000,
): JobDefinition {
  return defineJob(
    "waiting",
    (env) => {
      build(
        env.source(kinesisSource({ stream: "in", schema: unchecked<Item>() }), {
          uid: "in",
          watermarks: monotonousTimestamps<Item>({ timestamp }),
        }) as never,
      );
    },
    { maxParallelism: 4 },
  );
}

async function lettersOf(
  job: JobDefinition,
  items: readonly Item[],
): Promise<{ letters: readonly DeadLetter[]; rows: readonly string[] }> {
  const world = await slotWorld(job);
  await world.ports.admin.createStream("appended", { shards: 1 }).catch(() => undefined);
  await world.put("in", items, () => "p");
  await world.ports.admin.endStream("in");
  const environment = world.environment();
  await driver({ world, pick: () => environment }).untilEnded(world.coordinator(() => environment));
  const letters = await readDeadLetters(world.ports.objects, "waiting/1/dead-letters/");
  return { letters, rows: await rowsOf(world.ports, "out") };
}

describe("a function that answers with a promise", () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  beforeEach(() => {
    unhandled.length = 0;
    process.on("unhandledRejection", note);
  });
  afterEach(() => void process.off("unhandledRejection", note));

  test.each(places)(
    "is refused at its first call in %s: a dead letter that says so, and no rejection without a handler",
    async (_, build) => {
      const job = jobOf((items) => build(items, () => rejected()));
      const { letters } = await lettersOf(job, [
        { k: "a", n: 1 },
        { k: "a", n: 2 },
      ]);
      expect(letters.length).toBeGreaterThan(0);
      for (const { reason } of letters) expect(reason).toMatch(/promise.*mapAsync/s);
      await new Promise((resolve) => setImmediate(resolve));
      expect(unhandled).toEqual([]);
    },
  );

  test("is refused as a timestamp, and as a schema, whatever it is called for: nothing stops", async () => {
    const timed = jobOf(
      (items) => items.sinkTo(out() as Any, { uid: "out" }),
      () => rejected(),
    );
    expect((await lettersOf(timed, [{ k: "a", n: 1 }])).letters).toMatchObject([
      { kind: "undecodable" },
    ]);
    const schema = {
      "~standard": { version: 1, vendor: "test", validate: () => rejected() },
    } as const;
    const checked = defineJob("waiting", (env) => {
      env
        .source(kinesisSource<Item>({ stream: "in", schema }), {
          uid: "in",
          watermarks: monotonousTimestamps<Item>(),
        })
        .sinkTo(out(), { uid: "out" });
    });
    const { letters } = await lettersOf(checked, [
      { k: "a", n: 1 },
      { k: "a", n: 2 },
    ]);
    expect(letters).toHaveLength(2);
    expect(letters[0]!.reason).toContain("promise");
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  });
});

const answering = places.filter(
  ([place]) => !/flatMap|process of a window|emit|output/.test(place),
);

test.each(answering)("a generator object is refused at the first call in %s", async (_, build) => {
  const { letters, rows } = await lettersOf(
    jobOf((items) => build(items, () => results())),
    [
      { k: "a", n: 1 },
      { k: "a", n: 2 },
    ],
  );
  expect(letters.length).toBeGreaterThan(0);
  // A reduce passes the first element on as it is.
  expect(rows.filter((row) => row !== '{"k":"a","n":1}')).toEqual([]);
});

test("generators are welcome where they are run, and asynchronous ones are not", async () => {
  const flat = (answer: () => Any) =>
    jobOf((items) => items.flatMap(answer as never).sinkTo(out() as Any, { uid: "out" }));
  expect(
    await lettersOf(
      flat(() => results()),
      [{ k: "a", n: 1 }],
    ),
  ).toEqual({ letters: [], rows: ['{"k":"a","n":1}'] });
  const { letters } = await lettersOf(
    flat(() => asyncResults()),
    [{ k: "a", n: 1 }],
  );
  expect(letters).toMatchObject([{ reason: expect.stringContaining("mapAsync") as string }]);
});

describe("a function that is written as asynchronous is refused by the planner", () => {
  const refusal = expect.objectContaining({
    code: "function-asynchronous",
    domain: "job",
    message: expect.stringContaining("mapAsync") as string,
  });
  const direct = places.filter(
    ([place]) =>
      !/^(a result of flatMap|onTimer|emit|output|reduce|create|add|result|result function|reduce of a window|process of a window)$/.test(
        place,
      ),
  );

  test.each(direct)("in %s", (_, build) => {
    expect(() => buildPlan(jobOf((items) => build(items, async (item) => item)).graph)).toThrow(
      refusal,
    );
    expect(() => buildPlan(jobOf((items) => build(items, asyncResults as Any)).graph)).toThrow(
      refusal,
    );
  });

  test.each(direct.filter(([place]) => place !== "flatMap"))(
    "and so is a generator in %s",
    (_, build) => {
      expect(() => buildPlan(jobOf((items) => build(items, results as Any)).graph)).toThrow(
        refusal,
      );
    },
  );

  test("in a timer, in windows, in a reduce, in a timestamp", () => {
    const wait = async (): Promise<Any> => ({});
    const jobs: readonly ((items: Any) => Any)[] = [
      (items) =>
        byKey(items).process({
          uid: "p",
          emits: elementType<Item>(),
          onElement: () => undefined,
          onTimer: { soon: wait as Any },
        }),
      (items) =>
        byKey(items)
          .window(minute, { uid: "w" })
          .aggregate({ create: wait as Any, add: (a) => a, result: (a) => a as Any }),
      (items) =>
        byKey(items)
          .window(minute, { uid: "w" })
          .aggregate({ create: () => 0 as Any, add: wait, result: (a) => a as Any }),
      (items) =>
        byKey(items)
          .window(minute, { uid: "w" })
          .aggregate({ create: () => 0, add: (a) => a, result: wait as Any }),
      (items) =>
        byKey(items)
          .window(minute, { uid: "w" })
          .aggregate({ create: () => 0, add: (a) => a, result: (a) => a }, wait as Any),
      (items) =>
        byKey(items)
          .window(minute, { uid: "w" })
          .reduce(wait as Any),
      (items) =>
        byKey(items)
          .window(minute, { uid: "w" })
          .reduce((a) => a, wait as Any),
      (items) =>
        byKey(items)
          .window(minute, { uid: "w" })
          .process(wait as Any),
      (items) => byKey(items).reduce(wait as Any, { uid: "r" }),
    ];
    for (const build of jobs)
      expect(() =>
        buildPlan(jobOf((items) => build(items).sinkTo(out(), { uid: "out" })).graph),
      ).toThrow(refusal);
    const timed = jobOf((items) => items.sinkTo(out() as Any, { uid: "out" }), wait);
    expect(() => buildPlan(timed.graph)).toThrow(refusal);
  });
});
