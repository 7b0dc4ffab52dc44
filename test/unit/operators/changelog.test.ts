import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Change, ChangelogMode } from "../../../runtime/graph/change.ts";
import type { ReduceNode } from "../../../runtime/graph/node.ts";
import { reduceOperator } from "../../../runtime/operators/reduce-operator.ts";
import {
  changelogPush,
  filterPush,
  flatMapPush,
  mapPush,
} from "../../../runtime/operators/stateless-operators.ts";
import type { OperatorOutput, Push } from "../../../runtime/operators/contract.ts";
import {
  type Harness,
  harness,
  listing,
  sliding,
  sum,
  tumbling,
  windowHarness,
} from "../windows/harness.ts";

type Emitted = readonly [value: unknown, change: Change, before?: unknown];

/** What an operator without state makes of some changes at time 0. */
function through(
  create: (output: OperatorOutput) => Push,
  changes: readonly Emitted[],
): readonly Emitted[] {
  const emitted: Emitted[] = [];
  const emit: Push = (value, _, change, before) =>
    emitted.push(before === undefined ? [value, change] : [value, change, before]);
  const push = create({ emit, forward: emit, side: () => emit });
  for (const [value, change, before] of changes) push(value, 0, change, before);
  return emitted;
}

const base = { id: 1, name: "operator", inputs: [] };
const even = (gives: ChangelogMode) => (output: OperatorOutput) =>
  filterPush({ ...base, kind: "filter", fn: (value: number) => value % 2 === 0 }, output, gives);

describe("a filter", () => {
  test("makes a deletion of a replacement that passes no more, where nobody knows the value before", () => {
    const changes: Emitted[] = [
      [2, "insert"],
      [3, "insert"],
      [4, "replace"],
      [5, "replace"],
      [5, "delete"],
    ];
    expect(through(even("upsert"), changes)).toEqual([
      [2, "insert"],
      [4, "replace"],
      [5, "delete"],
      [5, "delete"],
    ]);
  });

  test("withdraws exactly what has passed, where the value before comes along", () => {
    const changes: Emitted[] = [
      [4, "replace", 2],
      [5, "replace", 4],
      [7, "replace", 5],
      [8, "replace", 7],
      [7, "delete"],
      [8, "delete"],
    ];
    expect(through(even("retract"), changes)).toEqual([
      [4, "replace", 2],
      [4, "delete"],
      [8, "insert"],
      [8, "delete"],
    ]);
  });
});

test("a map gives what it made of the value before", () => {
  const double = (output: OperatorOutput) =>
    mapPush({ ...base, kind: "map", fn: (n: number) => n * 2 }, output);
  expect(
    through(double, [
      [3, "replace", 2],
      [3, "replace"],
      [3, "delete"],
    ]),
  ).toEqual([
    [6, "replace", 4],
    [6, "replace"],
    [6, "delete"],
  ]);
});

test("a flatMap withdraws all results of the value before, and gives those of the new one", () => {
  const digits = (output: OperatorOutput) =>
    flatMapPush({ ...base, kind: "flatMap", fn: (text: string) => text }, output);
  expect(
    through(digits, [
      ["34", "replace", "12"],
      ["34", "delete"],
    ]),
  ).toEqual([
    ["1", "delete"],
    ["2", "delete"],
    ["3", "insert"],
    ["4", "insert"],
    ["3", "delete"],
    ["4", "delete"],
  ]);
});

test("a changelog stream has an element for every change", () => {
  expect(
    through(changelogPush, [
      [1, "insert"],
      [2, "replace", 1],
      [2, "delete"],
    ]),
  ).toEqual([
    [{ change: "insert", value: 1 }, "insert"],
    [{ change: "replace", value: 2, before: 1 }, "insert"],
    [{ change: "delete", value: 2 }, "insert"],
  ]);
});

/** A changelog of numbers that is possible: what is replaced or withdrawn is there. */
interface Step {
  readonly value: number;
  readonly timestampMs: number;
  readonly change: Change;
  readonly before?: number;
}

const steps = fc
  .array(fc.record({ pick: fc.nat(), kind: fc.nat(2), value: fc.nat(5), timestampMs: fc.nat(29) }))
  .map((draws) => {
    const live: { value: number; timestampMs: number }[] = [];
    return draws.map(({ pick, kind, value, timestampMs }): Step => {
      const at = live.length === 0 ? -1 : pick % live.length;
      const found = live[at];
      if (kind === 0 || found === undefined) {
        live.push({ value, timestampMs });
        return { value, timestampMs, change: "insert" };
      }
      if (kind === 1) {
        live[at] = { value, timestampMs: found.timestampMs };
        return { value, timestampMs: found.timestampMs, change: "replace", before: found.value };
      }
      live.splice(at, 1);
      return { ...found, change: "delete" };
    });
  });

/** The elements that stand after all steps. */
function standing(all: readonly Step[]): readonly Step[] {
  const live: Step[] = [];
  for (const step of all) {
    if (step.change !== "insert") {
      const gone = step.change === "delete" ? step.value : step.before;
      live.splice(
        live.findIndex((one) => one.value === gone && one.timestampMs === step.timestampMs),
        1,
      );
    }
    if (step.change !== "delete") live.push(step);
  }
  return live;
}

/** Rows by time, as whoever takes changes back sees them: every withdrawal must be of a row that is there. */
function materialize(outputs: readonly { readonly [K in keyof Step]?: unknown }[]): Set<string> {
  const rows = new Set<string>();
  const row = (value: unknown, timestampMs: unknown) => `${String(value)}@${String(timestampMs)}`;
  for (const { value, timestampMs, change, before } of outputs) {
    const gone = change === "delete" ? value : before;
    if (change !== "insert" && !rows.delete(row(gone, timestampMs)))
      throw new Error(`${row(gone, timestampMs)} is withdrawn and was never given.`);
    if (change !== "delete") rows.add(row(value, timestampMs));
  }
  return rows;
}

/** Another instance of an operator, with the state of the first as it would be loaded. */
function reloaded(from: Harness, create: () => Harness): Harness {
  from.commit();
  const other = create();
  other.apply(from.state.snapshot(), from.subtask.watermarkMs);
  return other;
}

const retract = { takes: "retract", gives: "retract" } as const;

describe.each([
  ["tumbling", tumbling(10), [10]],
  ["sliding", sliding(10, 5), [10, 5]],
] as const)("a %s window over results that change", (_, assigner, [sizeMs, slideMs = sizeMs]) => {
  function expected(all: readonly Step[], result: (values: readonly number[]) => string) {
    const rows = new Set<string>();
    for (let startMs = slideMs - sizeMs; startMs < 30; startMs += slideMs) {
      const endMs = startMs + sizeMs;
      const inside = standing(all).filter(
        ({ timestampMs }) => startMs <= timestampMs && timestampMs < endMs,
      );
      if (inside.length > 0) rows.add(`${result(inside.map(({ value }) => value))}@${endMs - 1}`);
    }
    return rows;
  }

  test.each([
    ["sums", sum, (values: readonly number[]) => String(values.reduce((a, b) => a + b, 0))],
    [
      "lists",
      {
        kind: "process",
        process: (values: readonly number[]) => [values.toSorted().join(" ")],
      } as const,
      (values: readonly number[]) => values.toSorted().join(" "),
    ],
  ] as const)("that %s gives what stands, whenever it fires", (_name, compute, result) => {
    fc.assert(
      fc.property(steps, fc.nat(40), fc.boolean(), (all, firesAt, isLoaded) => {
        const options = { allowedLatenessMs: 1000 };
        let windows = windowHarness(assigner, compute, options, retract);
        const outputs: Step[] = [];
        for (const [at, step] of all.entries()) {
          const { value, timestampMs, change, before } = step;
          if (at === firesAt) windows.watermark(30);
          windows.element("a", value, timestampMs, change, before);
          outputs.push(...(windows.take() as unknown as Step[]));
          if (!isLoaded || at % 3 > 0) continue;
          windows = reloaded(windows, () => windowHarness(assigner, compute, options, retract));
        }
        windows.watermark(40);
        outputs.push(...(windows.take() as unknown as Step[]));
        expect(materialize(outputs)).toEqual(expected(all, result));
      }),
    );
  });
});

test("a window whose plan did not have to remember its result withdraws what it would give", () => {
  const before = windowHarness(tumbling(10), sum, { allowedLatenessMs: 100 });
  before.element("a", 2, 3);
  before.watermark(9);
  const after = reloaded(before, () =>
    windowHarness(tumbling(10), sum, { allowedLatenessMs: 100 }, { gives: "retract" }),
  );
  after.element("a", 3, 4);
  expect(after.take()).toMatchObject([{ value: 5, change: "replace", before: 2 }]);
});

test("a window that gives several results withdraws them all before it gives others", () => {
  const compute = {
    kind: "process",
    process: (values: readonly number[]) => values.map((value) => value * values.length),
  } as const;
  const windows = windowHarness(
    tumbling(10),
    compute,
    { allowedLatenessMs: 9 },
    { gives: "retract" },
  );
  windows.element("a", 1, 1);
  windows.element("a", 2, 2);
  windows.watermark(9);
  windows.element("a", 3, 3);
  expect(windows.take().map(({ change, value }) => `${change} ${String(value)}`)).toEqual([
    "insert 2",
    "insert 4",
    "delete 2",
    "delete 4",
    "insert 3",
    "insert 6",
    "insert 9",
  ]);
});

test("a withdrawal makes no window", () => {
  const windows = windowHarness(tumbling(10), listing, {}, retract);
  windows.element("a", "z", 12, "delete");
  windows.commit();
  expect(windows.state.keyCount).toBe(0);
});

describe("a reduce over results that change", () => {
  const node: ReduceNode = {
    ...base,
    kind: "reduce",
    uid: "total",
    fn: (left: number, right: number) => left + right,
    retract: (left: number, right: number) => left - right,
  };

  test("gives the sum of what stands, and withdraws it when nothing does", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const totals = harness((parts) => reduceOperator(node, parts), retract);
        for (const { value, change, before } of all) totals.element("a", value, 0, change, before);
        const stand = standing(all);
        const total = stand.reduce((left, { value }) => left + value, 0);
        expect([...materialize(totals.take() as unknown as Step[])]).toEqual(
          stand.length === 0 ? [] : [`${total}@0`],
        );
        totals.commit();
        expect(totals.state.keyCount).toBe(stand.length === 0 ? 0 : 1);
      }),
    );
  });
});
