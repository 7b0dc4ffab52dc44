import fc from "fast-check";
import { expect, test } from "vitest";
import type { WindowComputation } from "../../runtime/graph/node.ts";
import type { WindowAssigner } from "../../runtime/graph/window-assigner.ts";
import {
  type Harness,
  type Output,
  session,
  sliding,
  tumbling,
  windowHarness,
} from "../unit/windows/harness.ts";
import { rounds } from "../rounds.ts";

const numRuns = rounds({ few: 60, many: 300 });

interface Element {
  readonly key: string;
  readonly ms: number;
  readonly value: number;
}
type Step =
  | { readonly kind: "element"; readonly element: Element }
  | { readonly kind: "watermark"; readonly ms: number }
  | { readonly kind: "commit" }
  /** The batch fails after the next steps, is undone and runs again. */
  | { readonly kind: "retry" }
  /** Another instance takes over what is committed. */
  | { readonly kind: "takeover" };

const element = fc.record({
  key: fc.constantFrom("a", "b", "c"),
  ms: fc.integer({ min: -60, max: 60 }),
  value: fc.integer({ min: 1, max: 9 }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("element" as const), element }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("watermark" as const),
      ms: fc.integer({ min: -70, max: 90 }),
    }),
  },
  fc.record({ kind: fc.constant("commit" as const) }),
  fc.record({ kind: fc.constant("retry" as const) }),
  fc.record({ kind: fc.constant("takeover" as const) }),
);
const steps = fc.array(step, { maxLength: 60 });

const assigners: Record<
  string,
  Exclude<WindowAssigner, { readonly kind: "global" | "calendar" | "dynamic-session" }>
> = {
  tumbling: tumbling(7, 2),
  sliding: sliding(10, 4, -1),
  "sliding with gaps": sliding(3, 8),
  cumulative: { kind: "cumulative", sizeMs: 12, stepMs: 4, offsetMs: 1 },
  session: session(6),
};

/** Lists the window's elements, sorted: the order of arrival differs between runs. */
const sorted = (values: readonly number[]) => values.toSorted((left, right) => left - right);
const window = ({ startMs, endMs }: { startMs: number; endMs: number }) => `${startMs}-${endMs}`;
const computations: Record<string, WindowComputation> = {
  process: {
    kind: "process",
    process: (elements, context) => [[window(context.window), sorted(elements)]],
  },
  aggregate: {
    kind: "aggregate",
    aggregate: {
      create: () => [] as number[],
      add(accumulator: number[], value: number) {
        accumulator.push(value);
        return accumulator;
      },
      result: sorted,
      merge(left: number[], right: number[]) {
        left.push(...right);
        return left;
      },
    },
    result: (values, context) => [window(context.window), values],
  },
};

/** Feeds the steps; a takeover goes on with a fresh instance that has only the committed state. */
function run(create: () => Harness, input: readonly Step[]): Output[] {
  let windows = create();
  let watermarkMs = Number.NEGATIVE_INFINITY;
  let committed = { watermarkMs, steps: 0 };
  const outputs: Output[] = [];
  const retried = new Set<number>();
  for (let at = 0; at < input.length; at++) {
    const now = input[at] as Step;
    if (now.kind === "element") {
      windows.element(now.element.key, now.element.value, now.element.ms);
    } else if (now.kind === "watermark" && now.ms > watermarkMs) {
      watermarkMs = now.ms;
      windows.watermark(watermarkMs);
    } else if (now.kind === "commit" || now.kind === "takeover") {
      windows.commit();
      outputs.push(...windows.take());
      committed = { watermarkMs, steps: at + 1 };
      if (now.kind === "takeover") {
        const next = create();
        next.apply(windows.state.snapshot(), watermarkMs);
        windows = next;
      }
    } else if (now.kind === "retry" && !retried.has(at)) {
      retried.add(at);
      windows.undo();
      windows.take();
      watermarkMs = committed.watermarkMs;
      at = committed.steps - 1;
    }
  }
  windows.watermark(10_000);
  windows.commit();
  outputs.push(...windows.take());
  return outputs;
}

/** What stands in the end, by key and window. */
function standing(outputs: readonly Output[]): Map<string, unknown> {
  const results = new Map<string, unknown>();
  for (const { key, value, change } of outputs) {
    const [name, values] = value as [string, number[]];
    const id = `${String(key)} ${name}`;
    expect(results.has(id), `${change} ${id}`).toBe(change !== "insert");
    if (change === "delete") {
      expect(values).toEqual(results.get(id));
      results.delete(id);
    } else results.set(id, values);
  }
  return results;
}

/** The same, computed plainly. */
function plain(assigner: (typeof assigners)[string], input: readonly Step[]): Map<string, unknown> {
  const results = new Map<string, number[]>();
  const elements = input.flatMap((now) => (now.kind === "element" ? [now.element] : []));
  for (const key of ["a", "b", "c"]) {
    const own = elements.filter((each) => each.key === key);
    for (const { startMs, endMs, within } of plainWindows(assigner, own))
      results.set(`${key} ${startMs}-${endMs}`, sorted(within.map(({ value }) => value)));
  }
  return results;
}

function plainWindows(assigner: (typeof assigners)[string], elements: readonly Element[]) {
  const found: { startMs: number; endMs: number; within: Element[] }[] = [];
  if (assigner.kind === "session") {
    for (const each of elements.toSorted((left, right) => left.ms - right.ms)) {
      const last = found.at(-1);
      const endMs = each.ms + assigner.gapMs;
      if (last !== undefined && each.ms <= last.endMs) {
        last.endMs = endMs;
        last.within.push(each);
      } else found.push({ startMs: each.ms, endMs, within: [each] });
    }
    return found;
  }
  const slideMs = assigner.kind === "sliding" ? assigner.slideMs : assigner.sizeMs;
  const stepMs = assigner.kind === "cumulative" ? assigner.stepMs : assigner.sizeMs;
  for (let index = -100; index <= 100; index++) {
    const startMs = assigner.offsetMs + index * slideMs;
    for (let endMs = startMs + stepMs; endMs <= startMs + assigner.sizeMs; endMs += stepMs) {
      const within = elements.filter(({ ms }) => ms >= startMs && ms < endMs);
      if (within.length > 0) found.push({ startMs, endMs, within });
    }
  }
  return found;
}

for (const [assignerName, assigner] of Object.entries(assigners)) {
  for (const [computeName, compute] of Object.entries(computations)) {
    const create = (allowedLatenessMs: number) => () =>
      windowHarness(assigner, compute, { allowedLatenessMs, lateTag: "late" });

    test(`${assignerName} windows, ${computeName}: whatever the disorder, watermarks, commits, retries and takeovers, what stands is the plain result`, () => {
      fc.assert(
        fc.property(steps, (input) => {
          const outputs = run(create(1000), input);
          expect(standing(outputs)).toEqual(plain(assigner, input));
        }),
        { numRuns },
      );
    });

    test(`${assignerName} windows, ${computeName}: with a trigger that fires early, too`, () => {
      const early = () =>
        windowHarness(assigner, compute, {
          allowedLatenessMs: 1000,
          trigger: { kind: "continuous-event-time", intervalMs: 3 },
        });
      fc.assert(
        fc.property(steps, (input) => {
          expect(standing(run(early, input))).toEqual(plain(assigner, input));
        }),
        { numRuns },
      );
    });

    test(`${assignerName} windows, ${computeName}: without lateness, elements ahead of the watermark give each result once`, () => {
      fc.assert(
        fc.property(steps, (input) => {
          let watermarkMs = Number.NEGATIVE_INFINITY;
          const inTime = input.filter((now) => {
            if (now.kind === "watermark") watermarkMs = Math.max(watermarkMs, now.ms);
            // A session that ends at E fires at E - 1 and is gone: an element at E touches it, but begins another one (as in
            // Flink). So an element must be two ahead for the plain computation to be right.
            return now.kind !== "element" || now.element.ms > watermarkMs + 1;
          });
          const outputs = run(create(0), inTime);
          expect(outputs.every(({ change }) => change === "insert")).toBe(true);
          expect(standing(outputs)).toEqual(plain(assigner, inTime));
        }),
        { numRuns },
      );
    });
  }
}
