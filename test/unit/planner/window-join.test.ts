import { describe, expect, test } from "vitest";
import {
  type CoGroupOptions,
  customTrigger,
  noWatermarks,
  outputTag,
  sessionWindows,
  tumblingWindows,
} from "../../../runtime/index.ts";
import { migratorsOf } from "../../../runtime/planner/migrators-of.ts";
import { append, graphOf, type Order, orders, planOf, stageOf } from "../plan/fixture/jobs.ts";

type Options = Partial<CoGroupOptions<Order, Order>>;

const hours = (size: number) => tumblingWindows({ size: { hours: size } });

const joining = (options: Options = {}, read: Parameters<typeof orders>[2] = {}) =>
  [
    (env) => {
      const rows = orders(env)
        .keyBy("shop")
        .coGroup(orders(env, "returns", read).keyBy("shop"), {
          uid: "met",
          window: hours(1),
          ...options,
        })
        .apply((left) => left.map(({ shop }) => shop));
      rows.sinkTo(append(), { uid: "rows" });
      if (options.leftLateOutput !== undefined)
        rows.sideOutput(outputTag<Order>("late")).sinkTo(append(), { uid: "late-rows" });
    },
  ] satisfies Parameters<typeof planOf>;

describe("the plan of two streams in windows", () => {
  test("has two inputs, windows and their elements; what the windows are is part of its identity", () => {
    const plan = planOf(...joining());
    const stage = stageOf(plan, "met");
    expect(stage.inputs).toHaveLength(2);
    expect(stage.operators[0]).toMatchObject({ kind: "windowJoin", stateful: true });
    expect(stage.operators[0]?.states).toMatchObject([
      { name: "elements", kind: "window-elements", version: 1 },
      { name: "windows", kind: "windows", version: 1, window: { compute: "process" } },
    ]);
    const others: readonly Options[] = [
      { window: hours(2) },
      { window: sessionWindows({ gap: { hours: 1 } }) },
    ];
    for (const other of others)
      expect(planOf(...joining(other)).fingerprint).not.toBe(plan.fingerprint);
  });

  test("tells joins of one type from those of another", () => {
    const fingerprints = (["inner", "left", "right", "full"] as const).map(
      (type) =>
        planOf((env) =>
          orders(env)
            .keyBy("shop")
            .windowJoin(orders(env, "returns").keyBy("shop"), {
              uid: "met",
              window: hours(1),
              type,
            })
            .apply(() => 1)
            .sinkTo(append(), { uid: "rows" }),
        ).fingerprint,
    );
    expect(new Set(fingerprints).size).toBe(4);
  });

  test("gives changes with the values before where windows fire again: a pair may take the place of an element that stood alone", () => {
    const modes = (options: Options) => {
      const [met] = stageOf(planOf(...joining(options)), "met").operators;
      return met?.gives ?? "append";
    };
    expect(modes({})).toBe("append");
    expect(modes({ allowedLateness: { hours: 1 } })).toBe("retract");
    expect(modes({ allowedLateness: { hours: 1 }, accumulation: "discarding" })).toBe("append");
  });

  const unmerged = customTrigger({ name: "own", onElement: () => "fire" });
  test.each<[string, Options, Parameters<typeof orders>[2], RegExp]>([
    ["window-without-watermarks", {}, { watermarks: noWatermarks() }, /"returns".* no watermarks/],
    ["side-output-unknown", { leftLateOutput: outputTag("other") }, {}, /no side output "late"/],
    ["lateness-invalid", { allowedLateness: { hours: -1 } }, {}, /must be at least 0/],
    [
      "trigger-merge-missing",
      { window: sessionWindows({ gap: { hours: 1 } }), trigger: unmerged },
      {},
      /has no onMerge/,
    ],
  ])("%s", (code, options, read, message) => {
    expect(() => planOf(...joining(options, read))).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error,
    );
  });

  test("refuses functions that nothing waits for", () => {
    expect(() =>
      planOf((env) =>
        orders(env)
          .keyBy("shop")
          .windowJoin(orders(env, "returns").keyBy("shop"), { uid: "met", window: hours(1) })
          .apply((async () => 1) as unknown as () => number)
          .sinkTo(append(), { uid: "rows" }),
      ),
    ).toThrow(expect.objectContaining({ code: "function-asynchronous" }) as Error);
  });

  test("refuses results that are replaced", () => {
    expect(() =>
      planOf((env) => {
        const newest = orders(env)
          .keyBy("shop")
          .reduce((one) => one, { uid: "newest" });
        newest
          .keyBy("shop")
          .coGroup(orders(env, "returns").keyBy("shop"), { uid: "met", window: hours(1) })
          .apply(() => [])
          .sinkTo(append(), { uid: "rows" });
      }),
    ).toThrow(/What is joined in windows is not taken back/);
  });

  test("migrates the elements that are kept, each told by its side", () => {
    const migrate = (value: unknown, from: number) => [value, from] as never;
    const migrators = migratorsOf(graphOf(...joining({ version: 2, migrate })));
    expect([...migrators.keys()]).toEqual(["met/elements"]);
    const kept = { value: { left: "a" }, mapKey: "0/10/0", fromVersion: 1 };
    expect(migrators.get("met/elements")?.(kept)).toEqual([{ left: "a" }, 1]);
  });
});
