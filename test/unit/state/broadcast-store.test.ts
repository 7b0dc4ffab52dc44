import { beforeEach, describe, expect, test } from "vitest";
import { BroadcastStore } from "../../../runtime/state/broadcast-store.ts";

const rules = 0;
const rates = 1;

function newStore(): BroadcastStore {
  const store = new BroadcastStore("judge");
  expect(store.declare({ uid: "judge", name: "rules" })).toBe(rules);
  expect(store.declare({ uid: "judge", name: "rates" })).toBe(rates);
  return store;
}

function commit(store: BroadcastStore) {
  const delta = store.prepare();
  store.accept();
  return delta;
}

describe("a slot's copy of broadcast state", () => {
  let store: BroadcastStore;
  beforeEach(() => {
    store = newStore();
    store.set(rules, "b", { atLeast: 2 });
    store.set(rules, "a", { atLeast: 1 });
    store.set(rates, ["EUR", 1n], 0.5);
    commit(store);
  });

  test("gives its entries by ascending key, whatever the order in which they were set", () => {
    expect([...store.entries(rules)]).toEqual([
      ["a", { atLeast: 1 }],
      ["b", { atLeast: 2 }],
    ]);
    store.set(rules, "aa", 3);
    expect(Array.from(store.entries(rules), ([key]) => key)).toEqual(["a", "aa", "b"]);
  });

  test("gives values that nobody can change, and keeps copies of its own", () => {
    const rule = { atLeast: 1, within: { days: [1] } };
    store.set(rules, "c", rule);
    rule.atLeast = 7;
    const kept = store.get(rules, "c") as typeof rule;
    expect(kept).toEqual({ atLeast: 1, within: { days: [1] } });
    expect(() => kept.within.days.push(2)).toThrow(TypeError);
    expect(() => (kept.atLeast = 9)).toThrow(TypeError);
  });

  test("is as it was before a step that is undone", () => {
    const before = store.snapshot();
    const { bytes } = store;
    store.set(rules, "a", 9);
    store.set(rules, "new", 1);
    store.delete(rules, "b");
    store.clear(rates);
    expect(store.isEmpty(rates)).toBe(true);
    store.undo();
    expect(store.bytes).toBe(bytes);
    expect(store.has(rules, "new")).toBe(false);
    expect([...store.entries(rules)]).toEqual([
      ["a", { atLeast: 1 }],
      ["b", { atLeast: 2 }],
    ]);
    expect(store.get(rates, ["EUR", 1n])).toBe(0.5);
    expect(store.prepare()).toBeUndefined();
    expect(newStore().snapshot()).toBeUndefined();
    expect(before?.committed).toHaveLength(3);
  });

  test("is written into a part as it was committed: one may be due amid a step", () => {
    store.set(rules, "a", 9);
    store.set(rules, "new", 1);
    store.delete(rules, "b");
    const amid = newStore();
    amid.apply(store.snapshot()!);
    store.undo();
    for (const cell of [rules, rates])
      expect([...amid.entries(cell)]).toEqual([...store.entries(cell)]);
  });

  test("becomes the same elsewhere by what its steps changed, and by all of it", () => {
    const follower = newStore();
    follower.apply(store.snapshot()!);
    store.delete(rules, "a");
    store.set(rates, ["EUR", 1n], { new: true });
    const delta = commit(store)!;
    expect(delta.committed.filter((value) => value === undefined)).toHaveLength(1);
    follower.apply(delta);
    for (const cell of [rules, rates])
      expect([...follower.entries(cell)]).toEqual([...store.entries(cell)]);
    expect(follower.bytes).toBe(store.bytes);
    expect(follower.bytesByOperator()).toEqual(new Map([["judge", store.bytes]]));
  });

  test("refuses what can't be kept, and state that the job does not declare", () => {
    expect(() => store.set(rules, "fn", () => 1)).toThrow(/State "judge\/rules"/);
    const unknown = { ...store.snapshot()!, cells: ["judge/old", "judge/rates"] };
    expect(() => newStore().apply(unknown)).toThrow(
      expect.objectContaining({ code: "state-unknown" }) as Error,
    );
  });
});
