import { expect, test } from "vitest";
import { faultNames } from "../faults.ts";
import { shapes } from "../shapes/index.ts";
import { applyEdits } from "./apply-edits.ts";
import type { Mutation } from "./mutation.ts";
import { mutations } from "./mutations.ts";
import { notFound } from "./not-found.ts";

const all: readonly Mutation[] = [...mutations, ...notFound];

test("the text that each mutation replaces occurs exactly once", () => {
  const broken = all.flatMap(({ name, edits }) => {
    try {
      applyEdits(edits);
      return [];
    } catch (thrown) {
      return [`${name}: ${(thrown as Error).message}`];
    }
  });
  expect(broken).toEqual([]);
});

test("a text that is not there is an error", () => {
  const edit = { file: "runtime/slot/commit/deliver.ts", find: "what nobody wrote", replace: "" };
  expect(() => applyEdits([edit])).toThrow("0 times, instead of once");
});

test("mutations have names of their own, and shapes and faults that there are", () => {
  const names = all.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const known = new Set<string>([...shapes.map(({ name }) => name), ...faultNames]);
  const unknown = all.flatMap(({ focus }) =>
    [...(focus?.shapes ?? []), ...(focus?.faults ?? [])].filter((name) => !known.has(name)),
  );
  expect(unknown).toEqual([]);
});

test("each mutation is noticed within 2,000 seeds from the first", () => {
  expect(mutations.filter(({ from = 1 }) => from > 2_000)).toEqual([]);
});
