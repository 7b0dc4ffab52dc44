import { expect, test } from "vitest";
import {
  listState,
  mapState,
  sessionWindows,
  type StreamEnvironment,
  tumblingWindows,
  valueState,
} from "../../../runtime/index.ts";
import { stagesOfJob } from "../state/stages.ts";
import { append, type Order, orders, planOf, stageOf } from "../plan/fixture/jobs.ts";

const hour = tumblingWindows({ size: { hours: 1 } });
const gap = sessionWindows({ gap: { minutes: 5 } });
const largest = (one: Order, two: Order) => (one.amount > two.amount ? one : two);
const migrate = () => 0;
const sum = {
  create: () => 0,
  add: (total: number, order: Order) => total + order.amount,
  result: (total: number) => total,
  merge: (one: number, two: number) => one + two,
};

/** One operator of each kind behind one keyBy. */
function everything(env: StreamEnvironment): void {
  const keyed = orders(env).keyBy((order) => order.shop);
  const results = [
    keyed.process({
      uid: "process",
      state: {
        value: valueState<number>({ version: 2, migrate }),
        list: listState<number>(),
        map: mapState<string, number>({ version: 3 }),
      },
      onElement() {},
      onTimer: { two() {}, one() {} },
    }),
    keyed.process({ uid: "bare", onElement() {} }),
    keyed.reduce(largest, { uid: "reduce", version: 2, migrate: (value) => value as Order }),
    keyed.window(hour, { uid: "aggregate" }).aggregate({ ...sum, version: 4, migrate }),
    keyed.window(hour, { uid: "reduced", version: 2 }).reduce(largest),
    keyed.window(hour, { uid: "listed", version: 5 }).process((all) => all),
    keyed.window(gap, { uid: "sessions" }).aggregate(sum),
    keyed.window(gap, { uid: "listed-sessions" }).process((all) => all),
  ];
  for (const [at, result] of results.entries()) result.sinkTo(append(), { uid: `out-${at}` });
}

test("a plan lists what each operator keeps: names, kinds, versions and whether older ones can be read", () => {
  const plan = JSON.parse(JSON.stringify(planOf(everything))) as ReturnType<typeof planOf>;
  const states = stageOf(plan, "process").operators.flatMap(({ uid, states }) =>
    states === undefined ? [] : [[uid, states]],
  );
  const window = (compute: string, assigner: object = hour) => ({ assigner, compute });
  const timers = (...names: string[]) => ({
    name: "timers",
    kind: "timers",
    version: 1,
    timers: names,
  });
  expect(Object.fromEntries(states)).toEqual({
    process: [
      { name: "list", kind: "list", version: 1 },
      { name: "map", kind: "map", version: 3 },
      timers("one", "two"),
      { name: "value", kind: "value", version: 2, migrates: true },
    ],
    bare: [timers()],
    reduce: [{ name: "reduced", kind: "value", version: 2, migrates: true }],
    aggregate: [
      { name: "windows", kind: "windows", version: 4, migrates: true, window: window("aggregate") },
    ],
    reduced: [{ name: "windows", kind: "windows", version: 2, window: window("reduce") }],
    listed: [
      { name: "elements", kind: "window-elements", version: 5 },
      { name: "windows", kind: "windows", version: 1, window: window("process") },
    ],
    sessions: [
      { name: "sessions", kind: "sessions", version: 1, window: window("aggregate", gap) },
    ],
    "listed-sessions": [
      { name: "elements", kind: "session-elements", version: 1 },
      { name: "sessions", kind: "sessions", version: 1, window: window("process", gap) },
    ],
  });
});

test("what a plan lists is what the operators declare when they run", () => {
  const { plan, subtasks } = stagesOfJob(everything);
  const planned = stageOf(plan, "process").operators.flatMap(({ uid, states = [] }) =>
    states.map(({ name }) => `${uid}/${name}`),
  );
  expect(planned.length).toBeGreaterThan(10);
  expect(subtasks.get("process")?.state.cellNames().toSorted()).toEqual(planned.toSorted());
});

test("a plan names the uids that sources, operators and sinks had before", () => {
  const plan = planOf((env) =>
    orders(env, "orders", { previousUids: ["a"] })
      .keyBy((order) => order.shop)
      .window(hour, { uid: "hourly", previousUids: ["b", "c"] })
      .reduce(largest)
      .sinkTo(append(), { uid: "out", previousUids: ["d"] }),
  );
  expect(plan.sources[0]).toMatchObject({ uid: "orders", previousUids: ["a"] });
  expect(stageOf(plan, "hourly").operators[0]).toMatchObject({ previousUids: ["b", "c"] });
  expect(plan.sinks[0]).toMatchObject({ uid: "out", previousUids: ["d"] });
});
