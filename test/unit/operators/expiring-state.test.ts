import { describe, expect, test } from "vitest";
import { harness as given } from "millrace/testing";
import {
  aggregatingState,
  type DataStream,
  listState,
  mapState,
  type ProcessContext,
  reducingState,
  type StateHandles,
  type StateTtl,
  type ValueDeclaration,
  valueState,
} from "../../../runtime/index.ts";
import type { ProcessNode } from "../../../runtime/graph/node.ts";
import { processOperator } from "../../../runtime/operators/process-operator.ts";
import { type Harness, harness } from "../windows/harness.ts";

type Options = Omit<StateTtl, "after">;

const keep = (options: Options) => {
  const ttl = { after: { milliseconds: 10 }, ...options };
  return {
    v: valueState<string>({ ttl }),
    l: listState<string>({ ttl }),
    m: mapState<string, string>({ ttl }),
    r: reducingState<string>((one, other) => one + other, { ttl }),
    a: aggregatingState({
      create: () => "<",
      add: (kept: string, value: string) => kept + value,
      result: (kept) => `${kept}>`,
      ttl,
    }),
  };
};

type Command = (
  state: StateHandles<ReturnType<typeof keep>>,
  one: string,
  other: string,
) => unknown;

const commands: Readonly<Record<string, Command>> = {
  "v=": ({ v }, one) => v.set(one),
  v: ({ v }) => v.get(),
  "l+": ({ l }, one) => l.add(one),
  "l=": ({ l }, one) => l.set(one.split("")),
  l: ({ l }) => l.get().join(""),
  "m=": ({ m }, one, other) => m.set(one, other),
  m: ({ m }, one) => m.get(one),
  "m?": ({ m }, one) => m.has(one),
  "m*": ({ m }) => Array.from(m.entries(), ([key, value]) => key + value).join(),
  m0: ({ m }) => m.isEmpty(),
  "r+": ({ r }, one) => r.add(one),
  r: ({ r }) => r.get(),
  "a+": ({ a }, one) => a.add(one),
  a: ({ a }) => a.get(),
};

function keeping(options: Options): Harness {
  const definition = {
    uid: "keep",
    state: keep(options),
    onElement(text: string, ctx: { state: Parameters<Command>[0]; emit(value: unknown): void }) {
      const [command = "", one = "", other = ""] = text.split(" ");
      const answer = commands[command]?.(ctx.state, one, other);
      ctx.emit(answer);
    },
  } as unknown as ProcessNode["definition"];
  const node = { kind: "process", id: 1, name: "process", inputs: [], definition } as const;
  return harness((parts) => processOperator(node, parts));
}

/** Runs "command @time" one after the other, and answers what the ones that ask were told. */
function answers(options: Options, script: readonly string[]): readonly unknown[] {
  const keeper = keeping(options);
  for (const line of script) {
    const [command = "", time] = line.split(" @");
    keeper.subtask.nowMs = Number(time);
    keeper.element("k", command, Number(time));
  }
  const given = keeper.take().map(({ value }) => value);
  return given.filter((_, at) => !/[=+]/u.test(script[at] ?? ""));
}

const never = "neverReturnExpired";
const once = "returnExpiredIfNotCleanedUp";
const written = "onCreateAndWrite";
const read = "onReadAndWrite";

/** What Flink 1.20 answers, without clean-up in the background. */
const asked: readonly (readonly [
  update: typeof written | typeof read,
  visibility: typeof never | typeof once,
  script: string,
  answers: readonly unknown[],
])[] = [
  [written, never, "v= a @0; v @9; v @10; v @18", ["a", undefined, undefined]],
  [written, never, "v= a @0; v= b @5; v @14; v @15", ["b", undefined]],
  [read, never, "v= a @0; v @9; v @18; v @27; v @37", ["a", "a", "a", undefined]],
  [written, once, "v= a @0; v @9; v @10; v @10", ["a", "a", undefined]],
  [read, once, "v= a @0; v @10; v @10", ["a", undefined]],
  [
    written,
    never,
    "l+ a @0; l+ b @5; l @9; l @10; l+ c @14; l @15; l @24; l+ d @30; l @30",
    ["ab", "b", "c", "", "d"],
  ],
  [
    read,
    never,
    "l+ a @0; l+ b @5; l @9; l @14; l+ c @14; l @15; l @24; l @34",
    ["ab", "ab", "abc", "abc", ""],
  ],
  [
    written,
    once,
    "l+ a @0; l+ b @5; l @10; l @14; l+ c @14; l @15; l @19; l @24; l @24; l+ d @30; l @30",
    ["ab", "ab", "abc", "abc", "abc", "", "d"],
  ],
  [
    written,
    never,
    "m= x 1 @0; m= y 2 @5; m* @9; m? x @10; m x @10; m* @12; m* @15; m0 @15",
    ["x1,y2", false, undefined, "y2", "", true],
  ],
  [
    read,
    never,
    "m= x 1 @0; m= y 2 @5; m* @9; m? x @10; m x @10; m* @12; m0 @15; m? y @21; m* @22; m0 @22",
    ["x1,y2", true, "1", "x1,y2", false, true, "y2", false],
  ],
  [
    written,
    once,
    "m= x 1 @0; m= y 2 @5; m* @9; m? x @10; m x @10; m* @12; m0 @15; m* @15; m0 @15",
    ["x1,y2", true, undefined, "y2", false, "y2", true],
  ],
  [written, never, "r+ a @0; r+ b @5; r @14; r+ c @15; r @15; r @25", ["ab", "c", undefined]],
  [read, never, "r+ a @0; r+ b @5; r @14; r+ c @15; r @24", ["ab", "abc"]],
  // What may be seen is merged with, although it has expired.
  [written, once, "r+ a @0; r+ b @5; r+ c @15; r @15; r @25; r @25", ["abc", "abc", undefined]],
  [written, never, "a+ a @0; a+ b @5; a @14; a+ c @15; a @15; a @25", ["<ab>", "<c>", undefined]],
  [written, once, "a+ a @0; a+ b @5; a+ c @15; a @15; a @25; a @25", ["<abc>", "<abc>", undefined]],
];

describe("state with a time to live", () => {
  for (const time of ["processing", "event"] as const)
    for (const [update, visibility, script, expected] of asked)
      test(`is seen as in Flink by ${time} time, ${update}, ${visibility}: ${script}`, () => {
        expect(answers({ update, visibility, time }, script.split("; "))).toEqual(expected);
      });

  test("tells that a map of expired entries is empty, which Flink says only when somebody has looked at them", () => {
    expect(answers({}, ["m= x 1 @0", "m0 @9", "m0 @10"])).toEqual([false, true]);
  });

  test("lives no shorter for a use that comes out of order", () => {
    const script = ["v= a @20", "v= b @5", "v @29", "v @30"];
    expect(answers({ time: "event" }, script)).toEqual(["b", undefined]);
    expect(answers({}, script)).toEqual(["b", undefined]);
  });

  test("puts a new list in the place of one that has partly expired", () => {
    const script = [
      "l+ a @0",
      "l+ b @5",
      "l= xyz @12",
      "l @12",
      "l+ u @20",
      "l @21",
      "l @22",
      "l @30",
    ];
    expect(answers({}, script)).toEqual(["xyz", "xyzu", "u", ""]);
  });
});

function filled(options: Options): Harness {
  const keeper = keeping(options);
  for (const key of ["k", "j"])
    for (const command of ["v= a", "l+ b", "l+ c", "m= x 1", "r+ d", "a+ e"])
      keeper.element(key, command, 0);
  keeper.commit();
  return keeper;
}

describe("expired state", () => {
  test("leaves memory with a commit, and is gone from what is loaded of that", () => {
    const keeper = filled({});
    const other = keeping({});
    other.apply(keeper.state.snapshot());
    keeper.subtask.nowMs = 9;
    keeper.subtask.expire(100);
    expect(keeper.commit()).toBeUndefined();
    keeper.subtask.nowMs = 10;
    keeper.subtask.expire(100);
    const delta = keeper.commit();
    expect([keeper.state.keyCount, keeper.state.bytes]).toEqual([0, 0]);
    other.apply(delta);
    expect([other.state.keyCount, other.state.bytes]).toEqual([0, 0]);
    expect(other.subtask.expiries.processing.size).toBe(0);
  });

  test("comes back where the commit fails, and expires again", () => {
    const keeper = filled({});
    const { bytes } = keeper.state;
    keeper.subtask.nowMs = 10;
    keeper.subtask.expire(100);
    keeper.undo();
    expect([keeper.state.keyCount, keeper.state.bytes]).toEqual([2, bytes]);
    keeper.subtask.expire(100);
    keeper.commit();
    expect(keeper.state.bytes).toBe(0);
  });

  test("goes some at a time, the length of a list last, and is not copied before it is gone", () => {
    const keeper = filled({});
    keeper.subtask.nowMs = 10;
    keeper.subtask.expire(1);
    keeper.commit();
    expect(keeper.state.snapshot().key).toHaveLength(0);
    for (let round = 0; round < 40; round++) {
      expect(keeper.state.keyCount).toBeGreaterThanOrEqual(0);
      keeper.element("j", "l", 0);
      keeper.subtask.nowMs++;
      keeper.subtask.expire(1);
      keeper.commit();
    }
    expect(keeper.state.bytes).toBe(0);
  });

  test("waits on where it was used meanwhile, also for who loads it", () => {
    const keeper = filled({ update: "onReadAndWrite" });
    keeper.subtask.nowMs = 8;
    for (const command of ["v", "l", "m x", "r", "a"]) keeper.element("k", command, 0);
    keeper.commit();
    const loaded = keeping({ update: "onReadAndWrite" });
    loaded.apply(keeper.state.snapshot());
    for (const each of [keeper, loaded]) {
      each.subtask.nowMs = 17;
      each.subtask.expire(100);
      each.commit();
      expect(each.state.keyCount).toBe(1);
      each.take();
      each.element("k", "l", 0);
      expect(each.take()[0]?.value).toBe("bc");
      each.subtask.nowMs = 28;
      each.subtask.expire(100);
      each.commit();
      expect(each.state.bytes).toBe(0);
    }
  });

  test("goes with the watermark where it expires by event time, and none of it at the end of the input", () => {
    const keeper = filled({ time: "event" });
    keeper.subtask.nowMs = 1_000;
    keeper.watermark(9);
    keeper.subtask.expire(100);
    keeper.watermark(Number.POSITIVE_INFINITY);
    keeper.subtask.expire(100);
    keeper.commit();
    expect(keeper.state.keyCount).toBe(2);
    const other = filled({ time: "event" });
    other.watermark(10);
    other.subtask.expire(100);
    other.commit();
    expect(other.state.bytes).toBe(0);
  });
});

type Timed = ProcessContext<string, { v: ValueDeclaration<string> }, "soon" | "later", unknown>;

test("a timer sees the state of its own time, however far the watermark has jumped", () => {
  const definition = {
    uid: "late-timer",
    state: { v: valueState<string>({ ttl: { after: { milliseconds: 10 }, time: "event" } }) },
    onElement(value: string, ctx: Timed) {
      ctx.state.v.set(value);
      ctx.timers.event("soon").set(9);
      ctx.timers.event("later").set(10);
    },
    onTimer: {
      soon: (ctx: Timed) => ctx.emit(["soon", ctx.state.v.get()]),
      later: (ctx: Timed) => ctx.emit(["later", ctx.state.v.get()]),
    },
  } as unknown as ProcessNode["definition"];
  const node = { kind: "process", id: 1, name: "process", inputs: [], definition } as const;
  const keeper = harness((parts) => processOperator(node, parts));
  keeper.element("k", "a", 0);
  keeper.watermark(1_000);
  expect(keeper.take().map(({ value }) => value)).toEqual([
    ["soon", "a"],
    ["later", undefined],
  ]);
});

describe("a ttl", () => {
  test.each([
    [{ after: {} }, /after is 0 ms/],
    [{ after: { hours: -1 } }, /above 0/],
    [{ after: { hours: 1 }, update: "onRead" }, /update is "onRead"; it must be one of onCreate/],
    [{ after: { hours: 1 }, time: "ingestion" }, /processing, event/],
    [{ after: { hours: 1 }, visibility: "always" }, /visibility is "always"/],
  ])("%j is refused", (ttl, message) => {
    expect(() => valueState({ ttl: ttl as StateTtl })).toThrow(
      expect.objectContaining({
        code: "state-ttl-invalid",
        message: expect.stringMatching(message),
      }),
    );
  });
});

test("a sum of a field with a time to live begins anew behind it", () => {
  const sums = given((values: DataStream<{ readonly key: string; readonly n: number }>) =>
    values
      .keyBy("key")
      .sum("n", { uid: "sum", ttl: { after: { milliseconds: 10 }, time: "event" } }),
  );
  for (const atMs of [0, 9, 18, 28]) sums.element({ key: "a", n: 1 }, atMs);
  expect(sums.take().map(({ value, change }) => [value.n, change])).toEqual([
    [1, "insert"],
    [2, "replace"],
    [3, "replace"],
    [1, "insert"],
  ]);
});
