import { describe, expect, test } from "vitest";
import { fileSource, generatorSource } from "../../../runtime/connectors/index.ts";
import {
  countEvictor,
  countTrigger,
  deltaTrigger,
  processingTimeoutTrigger,
  cumulativeWindows,
  isMillraceError,
  listState,
  mapState,
  type MillraceError,
  noWatermarks,
  sessionWindows,
  slidingWindows,
  type StateDeclaration,
  type StateVersion,
  type StreamEnvironment,
  tumblingWindows,
  unchecked,
  valueState,
  type WindowAssigner,
  type WindowOptions,
} from "../../../runtime/index.ts";
import { compareStates, type StateMapping } from "../../../runtime/plan/compare-states.ts";
import type { Plan } from "../../../runtime/plan/plan.ts";
import { type SavedStates, savedStatesOf } from "../../../runtime/plan/saved-states.ts";
import { append, byShop, type Order, orders, planOf } from "./fixture/jobs.ts";

type Build = (env: StreamEnvironment) => void;

interface Counted {
  readonly uid?: string;
  readonly previousUids?: readonly string[];
  readonly state?: Readonly<Record<string, StateDeclaration>>;
  readonly key?: (order: Order) => string | readonly string[];
  readonly partitionedBy?: boolean;
}

/** A job with one process function. */
const counted = ({
  uid = "count",
  previousUids = [],
  state = { total: valueState<number>() },
  key = (order) => order.shop,
  partitionedBy = false,
}: Counted = {}): Build => {
  return (env) => {
    orders(env, "orders", partitionedBy ? { partitionedBy: (order) => order.shop } : {})
      .keyBy(key)
      .process({ uid, previousUids, state, onElement() {} })
      .sinkTo(append(), { uid: "out" });
  };
};

const saved = (build: Build): SavedStates =>
  JSON.parse(JSON.stringify(savedStatesOf(planOf(build)))) as SavedStates;

function mapped(from: Build, to: Build, allowNonRestoredState = false): StateMapping {
  return compareStates(saved(from), planOf(to), { allowNonRestoredState });
}

function refusal(from: Build | SavedStates, to: Build | Plan, allow = false): MillraceError {
  const plan = typeof to === "function" ? planOf(to) : to;
  const states = typeof from === "function" ? saved(from) : from;
  try {
    compareStates(states, plan, { allowNonRestoredState: allow });
  } catch (thrown) {
    if (isMillraceError(thrown)) return thrown;
    throw thrown;
  }
  throw new Error("The comparison took states that it should refuse.");
}

const total = (version: StateVersion<number>) => ({
  state: { total: valueState<number>(version) },
});
const migrate = () => 1;

describe("saved states", () => {
  test("are plain JSON: what each operator of a stage keeps, of which kind, at which version, by which key", () => {
    const states = saved(
      counted({ state: { total: valueState<number>({ version: 3, migrate }) } }),
    );
    expect(states).toMatchObject({
      format: 1,
      job: "job",
      maxParallelism: 1024,
      sources: [{ uid: "orders", type: "kinesis", stream: "orders" }],
    });
    expect(states.stages.at(-1)).toEqual({
      id: "count",
      kind: "exchange",
      key: { kind: "keyBy", fields: ["shop"] },
      operators: [
        {
          uid: "count",
          kind: "process",
          states: [
            { name: "timers", kind: "timers", version: 1, timers: [] },
            { name: "total", kind: "value", version: 3 },
          ],
        },
        { uid: "out", kind: "sink", states: [] },
      ],
    });
  });

  test("go back to where they came from in the same job", () => {
    const { cells, stages, sources } = mapped(counted(), counted());
    expect(cells).toEqual(
      ["timers", "total"].map((name) => ({
        stage: "count",
        cell: `count/${name}`,
        to: { stage: "count", cell: `count/${name}` },
        kind: name === "total" ? "value" : "timers",
        fromVersion: 1,
        toVersion: 1,
      })),
    );
    expect(stages).toEqual([
      { from: "orders", to: ["orders"] },
      { from: "count", to: ["count"] },
    ]);
    expect(sources).toEqual([{ from: "orders", to: "orders" }]);
  });

  test("follow an operator to its new uid and a source to its new uid", () => {
    const renamed: Build = (env) =>
      orders(env, "orders", { uid: "purchases", previousUids: ["orders"] } as never)
        .keyBy((order) => order.shop)
        .process({
          uid: "tally",
          previousUids: ["sums", "count"],
          state: { total: valueState<number>() },
          onElement() {},
        })
        .sinkTo(append(), { uid: "result", previousUids: ["out"] });
    const { cells, stages, sources } = mapped(counted(), renamed);
    expect(cells[1]).toMatchObject({
      stage: "count",
      cell: "count/total",
      to: { stage: "tally", cell: "tally/total" },
    });
    expect(stages).toEqual([
      { from: "orders", to: ["purchases"] },
      { from: "count", to: ["tally"] },
    ]);
    expect(sources).toEqual([{ from: "orders", to: "purchases" }]);
  });

  test("are migrated from their version to the job's", () => {
    const { cells } = mapped(
      counted(total({ version: 2 })),
      counted(total({ version: 5, migrate })),
    );
    expect(cells[1]).toMatchObject({ cell: "count/total", fromVersion: 2, toVersion: 5 });
  });

  test("stay where a job gains operators and states, which start empty", () => {
    const more: Build = (env) => {
      const keyed = orders(env).keyBy((order) => order.shop);
      const state = { total: valueState<number>(), more: mapState<string, number>() };
      for (const uid of ["first", "count"])
        keyed.process({ uid, state, onElement() {} }).sinkTo(append(), { uid: `${uid}-out` });
    };
    expect(mapped(counted(), more).cells.map(({ to }) => to)).toEqual([
      { stage: "first", cell: "count/timers" },
      { stage: "first", cell: "count/total" },
    ]);
  });

  test("stay where an aligned stage comes behind an exchange, and the other way round", () => {
    const aligned = counted({ partitionedBy: true });
    for (const [from, to] of [
      [aligned, counted()],
      [counted(), aligned],
    ] as const)
      expect(mapped(from, to).cells.every((cell) => cell.to !== undefined)).toBe(true);
  });

  test("of a key that can't be seen are taken on trust", () => {
    const unseen = counted({ key: (order) => `${order.item}!` });
    expect(mapped(counted(), unseen).cells).toHaveLength(2);
    expect(mapped(unseen, counted()).cells).toHaveLength(2);
  });
});

describe("state that has no place", () => {
  const without: Build = (env) => orders(env).sinkTo(append(), { uid: "out" });
  const other = counted({ uid: "tally" });

  test("is refused, and what may be done is said", () => {
    const error = refusal(counted(), other);
    expect(error).toMatchObject({ domain: "state", code: "state-not-restored", uid: "count" });
    expect(error.message).toMatch(
      /Operator "count" \(process\), state "total": the job has no such operator\./,
    );
    expect(error.next).toMatch(/previousUids.*allowNonRestoredState/);
  });

  test.each([
    ["an operator", other],
    ["every operator", without],
    ["a state", counted({ state: {} })],
  ])("is dropped where that is allowed: %s", (_, to) => {
    const { cells } = mapped(counted(), to, true);
    expect(cells.find(({ cell }) => cell === "count/total")).toEqual({
      stage: "count",
      cell: "count/total",
      kind: "value",
      fromVersion: 1,
      toVersion: 1,
    });
  });

  test("is that of a state too, with what the operator keeps now", () => {
    const now = counted({ state: { sum: mapState<string, number>({ version: 2 }) } });
    expect(refusal(counted(), now)).toMatchObject({
      code: "state-not-restored",
      message: expect.stringContaining(
        'Operator "count", state "total" (value, version 1): the job doesn\'t declare it; the operator keeps "sum" (map, version 2).',
      ) as string,
    });
  });

  test("is no fault where nothing can be in it: timers of a function without any", () => {
    const none = counted({ state: {} });
    expect(mapped(none, other).cells).toEqual([
      expect.not.objectContaining({ to: expect.anything() as unknown }),
    ]);
  });

  test("is the position of a source, unless it may be left out", () => {
    const elsewhere: Build = (env) =>
      orders(env, "returns")
        .keyBy((order) => order.shop)
        .process({ uid: "count", state: { total: valueState<number>() }, onElement() {} })
        .sinkTo(append(), { uid: "out" });
    expect(refusal(counted(), elsewhere)).toMatchObject({
      code: "state-not-restored",
      message: expect.stringContaining('Source "orders": the job has no such source.') as string,
    });
    expect(mapped(counted(), elsewhere, true).sources).toEqual([{ from: "orders" }]);
  });

  test("is that of a previous uid whose operator has state of its own", () => {
    const both: Build = (env) => {
      const keyed = orders(env).keyBy((order) => order.shop);
      for (const uid of ["old", "new"])
        keyed.reduce((one) => one, { uid }).sinkTo(append(), { uid: `${uid}-out` });
    };
    const one: Build = (env) =>
      orders(env)
        .keyBy((order) => order.shop)
        .reduce((first) => first, { uid: "new", previousUids: ["old"] })
        .sinkTo(append(), { uid: "out" });
    expect(refusal(both, one).message).toMatch(
      /"new" names it as a previous uid, but goes on from what "new" saved\./,
    );
    expect(mapped(both, one, true).cells.map(({ cell, to }) => [cell, to?.cell])).toEqual([
      ["old/reduced", undefined],
      ["new/reduced", "new/reduced"],
    ]);
  });
});

describe("state that doesn't fit is refused, whatever may be left out", () => {
  const windowed =
    (
      assigner: WindowAssigner,
      compute: "reduce" | "process" = "reduce",
      options: Partial<WindowOptions<Order>> = {},
    ): Build =>
    (env) => {
      const windows = orders(env)
        .keyBy((order) => order.shop)
        .window(assigner, { uid: "hourly", ...options });
      const results =
        compute === "reduce" ? windows.reduce((one) => one) : windows.process((all) => all);
      results.sinkTo(append(), { uid: "out" });
    };
  const hour = tumblingWindows({ size: { hours: 1 } });

  test.each<[string, Build, Build, RegExp]>([
    [
      "of another kind",
      counted({ state: { total: listState<number>() } }),
      counted(),
      /Operator "count", state "total": saved as list, but the job declares value\./,
    ],
    [
      "of a newer version",
      counted(total({ version: 3 })),
      counted(total({ version: 2, migrate })),
      /Operator "count", state "total": saved at version 3, but the job declares version 2, which is older\./,
    ],
    [
      "of an older version without migrate",
      counted(),
      counted(total({ version: 2 })),
      /Operator "count", state "total": saved at version 1, but the job declares version 2 without migrate\./,
    ],
    [
      "by another field",
      counted(),
      counted({ key: (order) => order.item }),
      /Operator "count": its state is keyed by "shop", but the job keys it by "item"\./,
    ],
    [
      "by a list of the field",
      counted(),
      counted({ key: (order) => [order.shop] }),
      /keyed by "shop", but the job keys it by \["shop"\]/,
    ],
    [
      "by the same fields in another order",
      counted({ key: (order) => [order.shop, order.item] }),
      counted({ key: (order) => [order.item, order.shop] }),
      /keyed by \["shop","item"\], but the job keys it by \["item","shop"\]/,
    ],
    [
      "in windows of another size",
      windowed(hour),
      windowed(tumblingWindows({ size: { hours: 2 } })),
      /state "windows": saved in tumbling windows of 3600000 ms, offset 0 ms, but the job has tumbling windows of 7200000 ms/,
    ],
    [
      "in windows that grow in other steps",
      windowed(cumulativeWindows({ size: { hours: 2 }, step: { minutes: 30 } })),
      windowed(cumulativeWindows({ size: { hours: 2 }, step: { hours: 1 } })),
      /saved in cumulative windows of 7200000 ms, step 1800000 ms, offset 0 ms, but the job has .* step 3600000 ms/,
    ],
    [
      "in windows whose trigger sets no timers any more",
      windowed(hour, "reduce", { trigger: countTrigger(3) }),
      windowed(hour),
      /state "windows": a trigger of its own set the timers of its windows, but now they fire with the watermark alone/,
    ],
    [
      "in windows that had no timers",
      windowed(hour),
      windowed(hour, "reduce", { accumulation: "discarding" }),
      /its windows fired with the watermark alone, but now a trigger of its own sets their timers/,
    ],
    [
      "in windows whose trigger kept something else",
      windowed(hour, "reduce", { trigger: deltaTrigger({ delta: () => 1, threshold: 1 }) }),
      windowed(hour, "reduce", { trigger: countTrigger(3) }),
      /its trigger kept an element of each window, but the job's keeps a count/,
    ],
    [
      "in windows whose time-outs were over another trigger",
      windowed(hour, "reduce", {
        trigger: processingTimeoutTrigger(countTrigger(3), { timeout: { seconds: 1 } }),
      }),
      windowed(hour, "reduce", {
        trigger: processingTimeoutTrigger(deltaTrigger({ delta: () => 1, threshold: 1 }), {
          timeout: { seconds: 1 },
        }),
      }),
      /kept a time-out over a count of each window, but the job's keeps a time-out over an element/,
    ],
    [
      "in windows that kept no elements",
      windowed(hour, "reduce", { trigger: countTrigger(3) }),
      windowed(hour, "reduce", { trigger: countTrigger(3), evictor: countEvictor({ max: 3 }) }),
      /it kept no elements with their times, which the job's evictor needs/,
    ],
    [
      "in windows of another time",
      windowed(tumblingWindows({ size: { hours: 1 }, time: "processing" })),
      windowed(hour, "reduce", { accumulation: "discarding" }),
      /saved in tumbling windows of processing time of 3600000 ms/,
    ],
    [
      "in windows of another computation",
      windowed(hour),
      windowed(hour, "process"),
      /state "windows": what is kept of a window was made by reduce, but the job computes with process/,
    ],
    [
      "of another stream",
      counted(),
      (env) =>
        orders(env, "returns", { uid: "orders" } as never)
          .keyBy((order) => order.shop)
          .process({ uid: "count", state: { total: valueState<number>() }, onElement() {} })
          .sinkTo(append(), { uid: "out" }),
      /Source "orders": its positions are those of kinesis stream "orders", but the job reads kinesis stream "returns"/,
    ],
  ])("%s", (_, from, to, message) => {
    const error = refusal(from, to, true);
    expect(error).toMatchObject({ domain: "state", code: "state-incompatible" });
    expect(error.message).toMatch(message);
    expect(error.next).toMatch(/./);
    expect(error.uid).toMatch(/count|hourly|orders/);
  });

  test("in another number of key groups", () => {
    const error = refusal(saved(counted()), planOf(counted(), { maxParallelism: 512 }), true);
    expect(error.message).toMatch(/in 1024 key groups, but the job's maxParallelism is 512/);
  });

  test("in a list of a newer format", () => {
    const newer = { ...saved(counted()), format: 2 } as unknown as SavedStates;
    expect(refusal(newer, counted())).toMatchObject({ code: "format-unknown" });
  });

  test("with everything that is wrong in one error", () => {
    const from = counted({ state: { a: valueState(), b: listState(), c: mapState() } });
    const to = counted({
      state: { a: valueState({ version: 2 }), b: mapState() },
      key: (order) => order.item,
    });
    const error = refusal(from, to);
    expect(error.code).toBe("state-incompatible");
    expect(error.uid).toBeUndefined();
    expect(error.message.split("\n").filter((line) => line.startsWith("- "))).toEqual([
      expect.stringContaining('keys it by "item"'),
      expect.stringContaining('state "a": saved at version 1'),
      expect.stringContaining('state "b": saved as list'),
      expect.stringContaining('state "c" (map, version 1): the job doesn\'t declare it'),
    ]);
  });

  test("but windows that are the same said otherwise are the same", () => {
    const same = slidingWindows({ size: { hours: 1 }, slide: { hours: 1 }, offset: { hours: 0 } });
    const shifted = (hours: number) =>
      windowed(tumblingWindows({ size: { hours: 4 }, offset: { hours } }));
    expect(mapped(windowed(hour), windowed(same)).cells[0]?.to).toBeDefined();
    expect(mapped(shifted(3), shifted(-1)).cells[0]?.to).toBeDefined();
    const gap = (minutes: number) => windowed(sessionWindows({ gap: { minutes } }));
    expect(mapped(gap(5), gap(9)).cells[0]?.to).toBeDefined();
  });
});

describe("elements on their way to a stage", () => {
  test("belong to all stages into which it was split", () => {
    const together: Build = (env) => {
      const keyed = orders(env).keyBy((order) => order.shop);
      for (const uid of ["one", "two"])
        keyed.reduce((first) => first, { uid }).sinkTo(append(), { uid: `${uid}-out` });
    };
    const apart: Build = (env) => {
      const all = orders(env);
      for (const uid of ["one", "two"])
        all
          .keyBy((order) => order.shop)
          .reduce((first) => first, { uid })
          .sinkTo(append(), { uid: `${uid}-out` });
    };
    expect(mapped(together, apart).stages[1]).toEqual({ from: "one", to: ["one", "two"] });
    expect(mapped(apart, together).stages.slice(1)).toEqual([
      { from: "one", to: ["one"] },
      { from: "two", to: ["one"] },
    ]);
  });

  test("of a sink that writes rows follow the sink, and go nowhere where it is gone", () => {
    const rows =
      (uid: string, previousUids: readonly string[] = []): Build =>
      (env) =>
        orders(env).sinkTo(byShop(), { uid, previousUids });
    expect(mapped(rows("shops"), rows("stores", ["shops"])).stages[1]).toEqual({
      from: "shops",
      to: ["stores"],
    });
    expect(mapped(rows("shops"), rows("stores")).stages[1]).toEqual({ from: "shops", to: [] });
  });
});

describe("a source that is no stream", () => {
  const made =
    (uid: string, previousUids: readonly string[] = []): Build =>
    (env) => {
      env
        .source(generatorSource({ generate: () => ({ shop: "a" }) }), {
          uid,
          previousUids,
          watermarks: noWatermarks(),
        })
        .sinkTo(append(), { uid: "out" });
    };
  const read =
    (uid: string, folder: string, previousUids: readonly string[] = []): Build =>
    (env) => {
      env
        .source(fileSource({ folder, schema: unchecked() }), {
          uid,
          previousUids,
          watermarks: noWatermarks(),
        })
        .sinkTo(append(), { uid: "out" });
    };

  test.each([
    ["made", made("made"), made("numbers", ["made"])],
    ["orders", read("orders", "orders"), read("lines", "orders", ["orders"])],
    ["lines", read("lines", "orders"), read("orders", "orders", ["lines"])],
  ] as const)("keeps its positions under another uid: %s", (from, before, after) => {
    expect(mapped(before, after).sources).toMatchObject([
      { from, to: expect.any(String) as string },
    ]);
  });

  test("loses them where it reads another folder", () => {
    const { message } = refusal(read("orders", "orders"), read("orders", "returns"));
    expect(message).toMatch(/positions are those of files stream "files:orders"/);
  });
});
