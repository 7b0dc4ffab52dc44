import { describe, expect, test } from "vitest";
import {
  elementType,
  listState,
  mapState,
  type StateTtl,
  type StreamEnvironment,
  valueState,
} from "../../../runtime/index.ts";
import { append, type Order, orders, planOf } from "../plan/fixture/jobs.ts";
import { restore, stagesOfJob } from "./stages.ts";

type Ttl = StateTtl | undefined;
const byEvents: Ttl = { after: { milliseconds: 10 }, time: "event" };
const byTheClock: Ttl = { after: { milliseconds: 10 } };

/** A process function that keeps each amount, and tells what it keeps for a negative one. */
function memory(ttl: Ttl, version = 1) {
  const options = {
    ...(ttl !== undefined && { ttl }),
    ...(version > 1 && { version, migrate: (value: unknown) => (value as number) * 100 }),
  };
  return (env: StreamEnvironment) =>
    orders(env)
      .keyBy((order) => order.shop)
      .process({
        uid: "memory",
        emits: elementType<unknown>(),
        state: {
          last: valueState<number>(options),
          all: listState<number>(options),
          items: mapState<string, number>(options),
        },
        onElement({ amount, item }, { state: { last, all, items }, emit }) {
          if (amount < 0) return emit([last.get(), all.get(), [...items.entries()]]);
          last.set(amount);
          all.add(amount);
          items.set(item, amount);
        },
      })
      .sinkTo(append(), { uid: "out" });
}

const order = (amount: number, item = "tea"): Order => ({ shop: "a", item, amount, placedMs: 0 });

type Stages = ReturnType<typeof stagesOfJob>;
const subtaskOf = ({ subtasks }: Stages) => [...subtasks.values()][0]!;
const held = (stages: Stages, atMs: number) => {
  subtaskOf(stages).nowMs = atMs;
  stages.feed("a", order(-1), atMs);
  return stages.take()[0]?.[1];
};

/** A job that keeps two amounts, one used at 1,000 and one at 1,005. */
function filled(ttl: Ttl): Stages {
  const stages = stagesOfJob(memory(ttl));
  for (const [atMs, amount] of [
    [1_000, 1],
    [1_005, 2],
  ] as const) {
    subtaskOf(stages).nowMs = atMs;
    stages.feed("a", order(amount, String(atMs)), atMs);
  }
  return stages;
}

const both = [
  2,
  [1, 2],
  [
    ["1000", 1],
    ["1005", 2],
  ],
];
const second = [2, [2], [["1005", 2]]];
const nothing = [undefined, [], []];

describe("a state that goes on", () => {
  test.each([byEvents, byTheClock])("with the ttl that it had lives on: %j", (ttl) => {
    const changed = stagesOfJob(memory(ttl));
    restore(filled(ttl), changed);
    expect(held(changed, 1_012)).toEqual(second);
    expect(held(changed, 1_015)).toEqual(nothing);
  });

  test.each([byEvents, byTheClock])("with a ttl begins to live with the restore: %j", (ttl) => {
    const changed = stagesOfJob(memory(ttl));
    restore(filled(undefined), changed);
    expect(held(changed, 2_000)).toEqual(both);
    const subtask = subtaskOf(changed);
    changed.advance(2_000);
    subtask.expire(100);
    subtask.state.prepare();
    subtask.state.accept();
    expect(held(changed, 2_009)).toEqual(both);
    expect(held(changed, 2_010)).toEqual(nothing);
  });

  test.each(Array.from({ length: 40 }, (_, at) => 2_005 + at))(
    "with a ttl that its entries get one after the other, a list is added to behind its elements at %d",
    (atMs) => {
      const ttl: Ttl = { after: { milliseconds: 20 }, time: "processing" };
      const sweeping = stagesOfJob(memory(ttl));
      restore(filled(undefined), sweeping);
      for (let at = 2_000; at <= Math.min(atMs, 2_030); at += 3) {
        subtaskOf(sweeping).nowMs = at;
        subtaskOf(sweeping).expire(1);
        subtaskOf(sweeping).state.prepare();
        subtaskOf(sweeping).state.accept();
      }
      subtaskOf(sweeping).nowMs = atMs;
      // What has expired is left out of the copy.
      subtaskOf(sweeping).expire(0);
      const changed = stagesOfJob(memory(ttl));
      restore(sweeping, changed);
      const listOf = () => (held(changed, atMs) as unknown[])[1] as number[];
      const before = listOf();
      changed.feed("a", order(3), atMs);
      expect(listOf()).toEqual([...before, 3]);
    },
  );

  test("begins anew where another kind of time decides", () => {
    const changed = stagesOfJob(memory(byTheClock));
    restore(filled(byEvents), changed);
    subtaskOf(changed).nowMs = 50_000;
    subtaskOf(changed).expire(100);
    expect(held(changed, 50_009)).toEqual(both);
    expect(held(changed, 50_010)).toEqual(nothing);
  });

  test("without a ttl keeps what was left of it, a list with its gaps closed", () => {
    const old = filled(byTheClock);
    subtaskOf(old).nowMs = 1_012;
    subtaskOf(old).expire(100);
    const changed = stagesOfJob(memory(undefined));
    restore(old, changed);
    expect(held(changed, 1_000_000)).toEqual(second);
    changed.feed("a", order(3, "jam"), 0);
    expect(held(changed, 0)).toEqual([
      3,
      [2, 3],
      [
        ["1005", 2],
        ["jam", 3],
      ],
    ]);
  });

  test.each([
    [undefined, byTheClock],
    [byTheClock, byTheClock],
    [byTheClock, undefined],
  ])("takes migrate along, from %j to %j", (before, after) => {
    const changed = stagesOfJob(memory(after, 2));
    restore(filled(before), changed);
    expect(held(changed, 1_006)).toEqual([
      200,
      [100, 200],
      [
        ["1000", 100],
        ["1005", 200],
      ],
    ]);
  });
});

test("a plan knows that a state expires and by which time, and not when", () => {
  const fingerprint = (ttl: Ttl) => planOf(memory(ttl)).fingerprint;
  const plans = [undefined, byTheClock, byEvents].map(fingerprint);
  expect(new Set(plans).size).toBe(3);
  expect(fingerprint({ after: { days: 1 }, update: "onReadAndWrite" })).toBe(plans[1]);
});
