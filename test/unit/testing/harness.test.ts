import { describe, expect, expectTypeOf, test } from "vitest";
import {
  type DataStream,
  elementType,
  mapState,
  outputTag,
  sessionWindows,
  tumblingWindows,
  valueState,
} from "millrace";
import { harness } from "millrace/testing";

interface Click {
  readonly user: string;
  readonly n: number;
}

const click = (user: string, n: number, atMs: number): [Click, number] => [{ user, n }, atMs];

const sums = (clicks: DataStream<Click>) =>
  clicks
    .keyBy("user")
    .window(tumblingWindows({ size: { seconds: 10 } }), {
      uid: "sums",
      allowedLateness: { seconds: 5 },
    })
    .aggregate(
      { create: () => 0, add: (sum, { n }) => sum + n, result: (sum) => sum },
      (sum, { key, window }) => ({ user: key, startMs: window.startMs, sum }),
    );

describe("a harness drives a part of a job by hand", () => {
  test("a window fires when the watermark has passed its end, again for late elements, and drops what comes too late", () => {
    const driven = harness(sums);
    driven.element(...click("ann", 1, 1_000));
    driven.element(...click("ann", 2, 9_999));
    driven.watermark(9_998);
    expect(driven.take()).toEqual([]);
    driven.watermark(9_999);
    const first = { user: "ann", startMs: 0, sum: 3 };
    expect(driven.take()).toEqual([{ value: first, timestampMs: 9_999, change: "insert" }]);
    driven.element(...click("ann", 4, 5_000));
    expect(driven.take()).toEqual([
      { value: { ...first, sum: 7 }, timestampMs: 9_999, change: "replace" },
    ]);
    expect(driven.state("sums", "windows").get("ann")).toMatchObject([{ mapKey: "0/10000" }]);
    driven.watermark(14_999);
    driven.element(...click("ann", 8, 5_000));
    expect(driven.take()).toEqual([]);
    expect(driven.lateElements("sums")).toBe(1);
    expect(driven.state("sums", "windows").rows()).toEqual([]);
  });

  test("what it gives has the type of the stream", () => {
    const driven = harness(sums);
    expectTypeOf(driven.element).parameter(0).toEqualTypeOf<Click>();
    expectTypeOf(driven.take()).items.toHaveProperty("value").toEqualTypeOf<{
      user: string;
      startMs: number;
      sum: number;
    }>();
    // @ts-expect-error -- an element of another type
    expect(() => driven.element({ user: "ann" }, 0)).not.toThrow();
  });

  test("several outputs have names: a side output is one of them", () => {
    const late = outputTag<Click>("late");
    const driven = harness((clicks: DataStream<Click>) => {
      const results = clicks
        .keyBy("user")
        .window(tumblingWindows({ size: { seconds: 10 } }), { uid: "sums", lateOutput: late })
        .reduce((one, other) => ({ user: one.user, n: one.n + other.n }));
      return { results, late: results.sideOutput(late) };
    });
    driven.watermark(20_000);
    driven.element(...click("ann", 1, 1_000));
    expect(driven.take("late")).toEqual([
      { value: { user: "ann", n: 1 }, timestampMs: 1_000, change: "insert" },
    ]);
    expect(driven.take("results")).toEqual([]);
    // @ts-expect-error -- it has no such output
    expect(() => driven.take("lost")).toThrow('no output "lost"');
  });

  test("timers of both domains fire when their time has come, and can be looked at", () => {
    const driven = harness((clicks: DataStream<Click>) =>
      clicks.keyBy("user").process({
        uid: "waits",
        emits: elementType<string>(),
        onElement(_, { timers, timestampMs }) {
          timers.event("due").set(timestampMs + 100);
          timers.processing("late").set(50);
        },
        onTimer: {
          due: ({ emit, key }) => emit(`${key} is due`),
          late: ({ emit, key }) => emit(`${key} is late`),
        },
      }),
    );
    driven.element(...click("ann", 1, 1_000));
    expect(driven.timers()).toEqual([
      { operator: "waits", key: "ann", name: "processing:late", domain: "processing", timeMs: 50 },
      { operator: "waits", key: "ann", name: "event:due", domain: "event", timeMs: 1_100 },
    ]);
    driven.processingTime(49);
    expect(driven.take()).toEqual([]);
    driven.processingTime(50);
    driven.watermark(1_100);
    expect(driven.take().map(({ value }) => value)).toEqual(["ann is late", "ann is due"]);
    expect(driven.timers()).toEqual([]);
  });
});

describe("two inputs", () => {
  const joined = (left: DataStream<Click>, right: DataStream<{ readonly name: string }>) =>
    left
      .keyBy("user")
      .connect(right.keyBy("name"))
      .process({
        uid: "seen",
        emits: elementType<string>(),
        state: { seen: valueState<number>() },
        onElement1({ n }, { state }) {
          state.seen.set(n);
        },
        onElement2({ name }, { state, emit, timers, timestampMs }) {
          timers.event("later").set(timestampMs + 10);
          emit(`${name} ${state.seen.get() ?? "unseen"}`);
        },
        onTimer: { later: ({ emit }) => emit("later") },
      });

  test("the watermark is the lowest of those that are not idle", () => {
    const driven = harness(joined);
    const atMs = 1_000;
    driven.element(...click("ann", 7, 1_000));
    driven.input(1).element({ name: "ann" }, atMs);
    expect(driven.take().map(({ value }) => value)).toEqual(["ann 7"]);
    driven.input(1).watermark(2_000);
    expect(driven.take()).toEqual([]);
    driven.input(0).idle();
    expect(driven.take().map(({ value }) => value)).toEqual(["later"]);
    expectTypeOf(driven.input(1).element).parameter(0).toEqualTypeOf<{ readonly name: string }>();
    expect(() => driven.input(2)).toThrow("no input 2");
  });

  test("what was broadcast is with every subtask", () => {
    const driven = harness(
      (clicks: DataStream<Click>, rules: DataStream<number>) =>
        clicks
          .keyBy("user")
          .connect(rules.broadcast({ rules: mapState<string, number>() }))
          .process({
            uid: "rules",
            emits: elementType<string>(),
            onElement: ({ user }, { broadcast, emit }) =>
              emit(`${user} ${broadcast.rules.get("least")}`),
            onBroadcastElement: (least, { broadcast }) => broadcast.rules.set("least", least),
          }),
      { parallelism: 3 },
    );
    driven.input(1).element(5, 0);
    driven.cold();
    for (const user of ["ann", "bob", "eve", "joe"]) driven.element(...click(user, 1, 0));
    expect(driven.take().map(({ value }) => value)).toEqual(["ann 5", "bob 5", "eve 5", "joe 5"]);
  });
});

describe("state", () => {
  const users = Array.from({ length: 40 }, (_, at) => `user-${at}`);

  test("goes on after a cold start, a restore into another parallelism, and into the next version of the job", () => {
    const driven = harness(sums);
    for (const user of users) driven.element(...click(user, 1, 1_000));
    driven.watermark(5_000);
    driven.cold();
    for (const user of users) driven.element(...click(user, 1, 6_000));
    const wide = harness(sums, { parallelism: 4, restore: driven.snapshot() });
    for (const user of users) wide.element(...click(user, 1, 7_000));
    const next = harness((clicks: DataStream<Click>) => sums(clicks).map(({ sum }) => sum), {
      parallelism: 2,
      restore: wide.snapshot(),
    });
    next.end();
    expect(next.take().map(({ value }) => value)).toEqual(users.map(() => 3));
    expect(driven.take()).toEqual([]);
  });

  test("of an operator that is gone is refused", () => {
    const driven = harness(sums);
    driven.element(...click("ann", 1, 1_000));
    const other = (clicks: DataStream<Click>) => clicks.map(({ n }) => n);
    expect(() => harness(other, { restore: driven.snapshot() })).toThrow(/sums/);
  });

  test("an element that user code throws at leaves nothing", () => {
    const driven = harness((clicks: DataStream<Click>) =>
      clicks.keyBy("user").process({
        uid: "counts",
        emits: elementType<number>(),
        state: { count: valueState<number>() },
        onElement({ n }, { state, emit }) {
          emit(n);
          state.count.set((state.count.get() ?? 0) + 1);
          if (n < 0) throw new RangeError("below nothing");
        },
      }),
    );
    driven.element(...click("ann", 1, 0));
    expect(() => driven.element(...click("ann", -1, 0))).toThrow(new RangeError("below nothing"));
    expect(driven.state("counts", "count").get("ann")).toEqual([{ value: 1 }]);
    expect(driven.take()).toHaveLength(1);
    expect(() => driven.state("counts", "n")).toThrow('no state "n"');
  });
});

describe("what is given", () => {
  test("an event time that is none is refused", () => {
    const driven = harness(sums);
    expect(() => driven.element(...click("ann", 1, 0.5))).toThrow("0.5 is no event time");
    expect(() => driven.watermark(Number.NaN)).toThrow("no event time");
  });

  test("a watermark that goes back changes nothing", () => {
    const driven = harness(sums);
    driven.watermark(20_000);
    driven.watermark(0);
    driven.element(...click("ann", 1, 1_000));
    expect(driven.lateElements("sums")).toBe(1);
  });

  test("a timer that never ends is named", () => {
    const driven = harness((clicks: DataStream<Click>) =>
      clicks.keyBy("user").process({
        uid: "ever",
        emits: elementType<number>(),
        onElement: (_, { timers, timestampMs }) => timers.event("again").set(timestampMs),
        onTimer: {
          again: ({ timers, timestampMs }) => timers.event("again").set(timestampMs + 1),
        },
      }),
    );
    driven.element(...click("ann", 1, 0));
    expect(() => driven.end()).toThrow("event:again");
  });

  test("sessions that grow together are one", () => {
    const driven = harness((clicks: DataStream<Click>) =>
      clicks
        .keyBy("user")
        .window(sessionWindows({ gap: { seconds: 10 } }), { uid: "sessions" })
        .reduce((one, other) => ({ user: one.user, n: one.n + other.n })),
    );
    for (const [n, atMs] of [
      [1, 0],
      [2, 15_000],
      [4, 8_000],
    ] as const)
      driven.element(...click("ann", n, atMs));
    driven.cold();
    driven.end();
    expect(driven.take()).toEqual([
      { value: { user: "ann", n: 7 }, timestampMs: 24_999, change: "insert" },
    ]);
  });
});

describe("a call is answered by what the harness is given for it", () => {
  const priced = (clicks: DataStream<Click>) =>
    clicks.mapAsync(async ({ n }) => n, { uid: "prices", timeout: { seconds: 1 } });

  test("with its answer, or its failure", () => {
    const driven = harness(priced, {
      calls: {
        prices: ({ n }: Click) => {
          if (n === 2) throw new Error("no price");
          return n * 10;
        },
      },
    });
    driven.element(...click("ann", 1, 5));
    expect(driven.take()).toEqual([{ value: 10, timestampMs: 5, change: "insert" }]);
    expect(() => driven.element(...click("ann", 2, 6))).toThrow("no price");
    expect(driven.take()).toEqual([]);
  });

  test("and refused where that is nothing", () => {
    const driven = harness(priced);
    expect(() => driven.element(...click("ann", 1, 5))).toThrow(
      expect.objectContaining({ code: "harness-invalid" }),
    );
  });
});
