import { describe, expect, test } from "vitest";
import {
  aggregatingState,
  elementType,
  reducingState,
  type StateDeclarations,
  valueState,
} from "../../../runtime/index.ts";
import { processOperator } from "../../../runtime/operators/process-operator.ts";
import { byShop, orders, planOf } from "../plan/fixture/jobs.ts";
import { harness } from "../windows/harness.ts";

interface Mean {
  sum: number;
  all: number[][];
}

const mean = aggregatingState({
  create: (): Mean => ({ sum: 0, all: [] }),
  add(kept, value: number[]) {
    kept.sum += value.length;
    kept.all.push(value);
    return kept;
  },
  result: ({ sum, all }) => ({ mean: sum / all.length, all }),
});
const longest = reducingState<string>((one, other) => (one.length >= other.length ? one : other));

function watching() {
  const state = { mean, longest };
  const definition = {
    uid: "watch",
    state,
    onElement(
      value: { readonly text?: string; readonly numbers?: number[] },
      ctx: {
        state: { longest: ReturnType<typeof reducing>; mean: ReturnType<typeof averaging> };
        emit(value: unknown): void;
      },
    ) {
      const { text, numbers } = value;
      if (text === "clear") {
        ctx.state.longest.clear();
        ctx.state.mean.clear();
      } else if (text !== undefined) ctx.state.longest.add(text);
      if (numbers !== undefined) {
        ctx.state.mean.add(numbers);
        numbers.push(99);
        ctx.state.mean.get()?.all.push([98]);
      }
      ctx.emit([ctx.state.longest.get(), ctx.state.mean.get()]);
    },
  };
  const node = {
    kind: "process",
    id: 1,
    name: "process",
    inputs: [],
    definition: definition as never,
  } as const;
  return harness((parts) => processOperator(node, parts));
}
declare const reducing: () => {
  get(): string | undefined;
  add(value: string): void;
  clear(): void;
};
declare const averaging: () => {
  get(): { readonly mean: number; readonly all: number[][] } | undefined;
  add(value: number[]): void;
  clear(): void;
};

describe("reducing and aggregating state", () => {
  test("is of a key, is undefined before anything was added, and begins anew when it is cleared", () => {
    const watch = watching();
    watch.element("a", {}, 0);
    for (const text of ["bb", "a", "ccc", "clear", "d"]) watch.element("a", { text }, 0);
    watch.element("b", { text: "e" }, 0);
    expect(watch.take().map(({ value }) => (value as unknown[])[0])).toEqual([
      undefined,
      "bb",
      "bb",
      "ccc",
      undefined,
      "d",
      "e",
    ]);
    watch.element("a", { text: "clear" }, 0);
    watch.element("b", { text: "clear" }, 0);
    watch.commit();
    expect([watch.state.keyCount, watch.state.bytes]).toEqual([0, 0]);
  });

  test("keeps what was added as its own, and gives results that are not", () => {
    const watch = watching();
    watch.element("a", { numbers: [1, 2, 3] }, 0);
    watch.element("a", { numbers: [4] }, 0);
    expect(watch.take().at(-1)?.value).toEqual([undefined, { mean: 2, all: [[1, 2, 3], [4]] }]);
  });

  test("goes on from a commit, and back to it", () => {
    const [watch, other] = [watching(), watching()];
    watch.element("a", { text: "bb", numbers: [1] }, 0);
    other.apply(watch.commit());
    watch.element("a", { text: "ccc", numbers: [2, 3] }, 0);
    watch.undo();
    watch.take();
    for (const each of [watch, other]) {
      each.element("a", { text: "a", numbers: [5] }, 0);
      expect(each.take().map(({ value }) => value)).toEqual([["bb", { mean: 1, all: [[1], [5]] }]]);
    }
  });

  test("is kept as one value: a value state of its name becomes it without a new plan", () => {
    const keeping = (state: StateDeclarations) =>
      planOf((env) =>
        orders(env)
          .keyBy("shop")
          .process({
            uid: "watch",
            state,
            emits: elementType<{ readonly shop: string }>(),
            onElement: () => undefined,
          })
          .sinkTo(byShop(), { uid: "rows" }),
      ).fingerprint;
    expect(keeping({ longest })).toBe(keeping({ longest: valueState<string>() }));
    expect(keeping({ longest: { ...longest, version: 2 } })).not.toBe(keeping({ longest }));
  });
});
