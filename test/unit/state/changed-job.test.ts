import { describe, expect, test } from "vitest";
import {
  elementType,
  type KeyedStream,
  listState,
  mapState,
  sessionWindows,
  type StateVersion,
  type StreamEnvironment,
  tumblingWindows,
  valueState,
} from "../../../runtime/index.ts";
import { append, type Order, orders } from "../plan/fixture/jobs.ts";
import { restore, stagesOfJob } from "./stages.ts";

const hour = tumblingWindows({ size: { hours: 1 } });
const hourMs = 3_600_000;
const gap = sessionWindows({ gap: { minutes: 5 } });
const byShop = (env: StreamEnvironment): KeyedStream<Order, string> =>
  orders(env).keyBy((order) => order.shop);
const order = (amount: number, item = "tea"): Order => ({ shop: "a", item, amount, placedMs: 0 });

/** A process function over all kinds of state, which emits what it holds. */
function memory(
  keyed: KeyedStream<Order, string>,
  uid: string,
  { previousUids = [], ...version }: StateVersion<unknown> & { previousUids?: string[] } = {},
) {
  return keyed.process({
    uid,
    previousUids,
    emits: elementType<unknown>(),
    state: {
      last: valueState<unknown>(version),
      all: listState<unknown>(version),
      items: mapState<string, unknown>(version),
    },
    onElement({ amount, item }, ctx) {
      const { last, all, items } = ctx.state;
      if (amount < 0) ctx.emit([last.get(), all.get(), [...items.entries()]]);
      else {
        last.set(amount);
        all.add(amount);
        items.set(item, amount);
        ctx.timers.event("remind").set(10_000);
      }
    },
    onTimer: { remind: (ctx) => ctx.emit(`remind ${ctx.key}`) },
  });
}

describe("a job that goes on from another one's state", () => {
  test("takes over a renamed operator with all of its state and timers", () => {
    const old = stagesOfJob((env) =>
      memory(byShop(env), "memory").sinkTo(append(), { uid: "out" }),
    );
    const changed = stagesOfJob((env) =>
      memory(byShop(env), "recall", { previousUids: ["older", "memory"] }).sinkTo(append(), {
        uid: "out",
      }),
    );
    old.feed("a", order(1), 0);
    old.feed("a", order(2, "jam"), 0);
    restore(old, changed);
    changed.feed("a", order(-1), 0);
    changed.advance(10_000);
    expect(changed.take()).toEqual([
      [
        "out",
        [
          2,
          [1, 2],
          [
            ["jam", 2],
            ["tea", 1],
          ],
        ],
      ],
      ["out", "remind a"],
    ]);
  });

  test("migrates every value, element and entry, and nothing of what stands beside them", () => {
    const seen: unknown[] = [];
    const old = stagesOfJob((env) =>
      memory(byShop(env), "memory").sinkTo(append(), { uid: "out" }),
    );
    const changed = stagesOfJob((env) =>
      memory(byShop(env), "memory", {
        version: 3,
        migrate(value, fromVersion) {
          seen.push([value, fromVersion]);
          return { cents: (value as number) * 100 };
        },
      }).sinkTo(append(), { uid: "out" }),
    );
    old.feed("a", order(1), 0);
    restore(old, changed);
    changed.feed("a", order(-1), 0);
    const cents = { cents: 100 };
    expect(changed.take()).toEqual([["out", [cents, [cents], [["tea", cents]]]]]);
    expect(seen).toEqual(Array(3).fill([1, 1]));
  });

  test("finds the state of a stage that was split, and of stages that were joined", () => {
    const largest = (one: Order, two: Order) => (one.amount > two.amount ? one : two);
    const joined = (env: StreamEnvironment) => {
      const keyed = byShop(env);
      keyed.reduce(largest, { uid: "largest" }).sinkTo(append(), { uid: "one" });
      memory(keyed, "memory").sinkTo(append(), { uid: "two" });
    };
    const split = (env: StreamEnvironment) => {
      const all = orders(env);
      const again = all.keyBy(({ shop }) => shop);
      memory(again, "recall", { previousUids: ["memory"] }).sinkTo(append(), { uid: "two" });
      const keyed = all.keyBy(({ shop }) => shop);
      keyed.reduce(largest, { uid: "largest" }).sinkTo(append(), { uid: "one" });
    };
    const [one, two] = [stagesOfJob(joined), stagesOfJob(split)];
    expect([[...one.subtasks.keys()], [...two.subtasks.keys()]]).toEqual([
      ["largest"],
      ["recall", "largest"],
    ]);
    one.feed("a", order(5), 0);
    restore(one, two);
    two.feed("a", order(-1), 0);
    const expected = [
      ["two", [5, [5], [["tea", 5]]]],
      ["one", order(5)],
    ];
    expect(two.take()).toEqual(expected);
    const back = stagesOfJob((env) => {
      const keyed = byShop(env);
      keyed.reduce(largest, { uid: "largest" }).sinkTo(append(), { uid: "one" });
      memory(keyed, "memory", { previousUids: ["recall"] }).sinkTo(append(), { uid: "two" });
    });
    restore(two, back);
    back.feed("a", order(-1), 0);
    expect(back.take().toReversed()).toEqual(expected);
  });

  test("keeps a timer's setting only where the timer is still there", () => {
    const withTimers = (...names: string[]) =>
      stagesOfJob((env) =>
        byShop(env)
          .process({
            uid: "timed",
            emits: elementType<string>(),
            onElement({ placedMs }, ctx) {
              for (const name of names) ctx.timers.event(name as never).set(placedMs + 1_000);
            },
            onTimer: Object.fromEntries(
              names.map((name) => [name, (ctx: { emit(text: string): void }) => ctx.emit(name)]),
            ) as never,
          })
          .sinkTo(append(), { uid: "out" }),
      );
    const [old, changed] = [withTimers("one", "two"), withTimers("two")];
    old.feed("a", order(1), 0);
    expect(() => restore(old, changed)).toThrow(/timer "one" has no function in onTimer/);
    restore(old, changed, true);
    changed.advance(1_000);
    expect(changed.take()).toEqual([["out", "two"]]);
  });
});

describe("windows that go on from another job's state", () => {
  const total = (version: StateVersion<{ total: number }> = {}) => ({
    create: () => ({ total: 0 }),
    add: (sum: { total: number }, { amount }: Order) => ({ total: sum.total + amount }),
    result: ({ total }: { total: number }) => total,
    merge: (one: { total: number }, two: { total: number }) => ({ total: one.total + two.total }),
    ...version,
  });
  /** Before, the accumulator was the number alone. */
  const bare = {
    create: () => 0,
    add: (sum: number, { amount }: Order) => sum + amount,
    result: (sum: number) => sum,
    merge: (one: number, two: number) => one + two,
  };
  const migrate = (sum: unknown) => ({ total: sum as number });

  test.each([
    ["windows", hour],
    ["sessions", gap],
  ])("fire with accumulators of %s that were migrated", (_, assigner) => {
    const windows = (env: StreamEnvironment) => byShop(env).window(assigner, { uid: "hourly" });
    const old = stagesOfJob((env) => windows(env).aggregate(bare).sinkTo(append(), { uid: "out" }));
    const changed = stagesOfJob((env) =>
      windows(env)
        .aggregate(total({ version: 2, migrate }))
        .sinkTo(append(), { uid: "out" }),
    );
    old.feed("a", order(1), 5);
    restore(old, changed);
    changed.feed("a", order(10), 6);
    changed.advance(hourMs);
    expect(changed.take()).toEqual([["out", 11]]);
  });

  test.each([["reduce"], ["process"]] as const)(
    "that %s have migrations of their elements",
    (compute) => {
      const windowed = (version: StateVersion<Order>) =>
        stagesOfJob((env) => {
          const windows = byShop(env).window(hour, { uid: "hourly", ...version });
          const results =
            compute === "reduce"
              ? windows.reduce((one, two) => ({ ...one, amount: one.amount + two.amount }))
              : windows.process((all) => all);
          results.sinkTo(append(), { uid: "out" });
        });
      const old = windowed({});
      const changed = windowed({
        version: 2,
        migrate: (value) => ({ ...(value as Order), item: "migrated" }),
      });
      old.feed("a", order(1), 5);
      restore(old, changed);
      changed.advance(hourMs);
      expect(changed.take()).toEqual([["out", order(1, "migrated")]]);
    },
  );

  test("that become sessions begin anew, elements included, where the old ones may be left out", () => {
    const listing = (assigner: typeof hour | typeof gap) =>
      stagesOfJob((env) =>
        byShop(env)
          .window(assigner, { uid: "listed" })
          .process((all) => [all.map(({ amount }) => amount)])
          .sinkTo(append(), { uid: "out" }),
      );
    const [old, changed] = [listing(hour), listing(gap)];
    old.feed("a", order(1), 0);
    expect(() => restore(old, changed)).toThrow(
      expect.objectContaining({
        code: "state-not-restored",
        message: expect.stringMatching(
          /state "elements" \(window-elements.*\n.*state "windows"/,
        ) as string,
      }),
    );
    restore(old, changed, true);
    expect(changed.subtasks.get("listed")?.state.keyCount).toBe(0);
    changed.feed("a", order(2), 0);
    changed.advance(hourMs);
    expect(changed.take()).toEqual([["out", [2]]]);
  });

  test("of sessions take another gap: those that were begun keep their end", () => {
    const sessions = (minutes: number) =>
      stagesOfJob((env) =>
        byShop(env)
          .window(sessionWindows({ gap: { minutes } }), { uid: "visits" })
          .aggregate(total())
          .sinkTo(append(), { uid: "out" }),
      );
    const [old, changed] = [sessions(5), sessions(1)];
    old.feed("a", order(1), 0);
    restore(old, changed);
    changed.feed("a", order(10), 4 * 60_000);
    changed.advance(hourMs);
    expect(changed.take()).toEqual([["out", 11]]);
  });
});
