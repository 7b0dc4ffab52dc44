import { beforeEach, describe, expect, test } from "vitest";
import { BroadcastStore } from "../../../runtime/state/broadcast-store.ts";

function newCopy() {
  const store = new BroadcastStore("judge");
  const rules = store.declare({ uid: "judge", name: "rules" });
  const rates = store.declare({ uid: "judge", name: "rates" });
  return { store, rules, rates };
}

type Copy = ReturnType<typeof newCopy>;

/** All that a copy gives. */
const entriesOf = ({ rules, rates }: Copy) => [[...rules.entries()], [...rates.entries()]];

function commit({ store }: Copy) {
  const delta = store.prepare();
  store.accept();
  return delta;
}

describe("a slot's copy of broadcast state", () => {
  let copy: Copy;
  let { store, rules, rates } = newCopy();
  beforeEach(() => {
    copy = newCopy();
    ({ store, rules, rates } = copy);
    rules.set("b", { atLeast: 2 });
    rules.set("a", { atLeast: 1 });
    rates.set(["EUR", 1n], 0.5);
    commit(copy);
  });

  /** A step of each kind of change. */
  function change(): void {
    rules.set("a", 9);
    rules.set("new", 1);
    rules.delete("b");
    rates.clear();
  }

  test("gives its entries by ascending key, whatever the order in which they were set", () => {
    expect([...rules.entries()]).toEqual([
      ["a", { atLeast: 1 }],
      ["b", { atLeast: 2 }],
    ]);
    rules.set("aa", 3);
    expect(Array.from(rules.entries(), ([key]) => key)).toEqual(["a", "aa", "b"]);
  });

  test("gives values that nobody can change, and keeps copies of its own", () => {
    const rule = { atLeast: 1, within: { days: [1] } };
    rules.set("c", rule);
    rule.atLeast = 7;
    const kept = rules.get("c") as typeof rule;
    expect(kept).toEqual({ atLeast: 1, within: { days: [1] } });
    expect(() => kept.within.days.push(2)).toThrow(TypeError);
    expect(() => (kept.atLeast = 9)).toThrow(TypeError);
  });

  test("is as it was before a step that is undone", () => {
    const { bytes } = store;
    const before = entriesOf(copy);
    change();
    expect(rates.isEmpty()).toBe(true);
    expect(entriesOf(copy)).not.toEqual(before);
    store.undo();
    expect(entriesOf(copy)).toEqual(before);
    expect(store.bytes).toBe(bytes);
    expect(rules.has("new")).toBe(false);
    expect(store.prepare()).toBeUndefined();
    expect(newCopy().store.snapshot()).toBeUndefined();
  });

  test("is written into a part as it was committed: one may be due amid a step", () => {
    const before = entriesOf(copy);
    change();
    const amid = newCopy();
    amid.store.apply(store.snapshot()!);
    expect(entriesOf(amid)).toEqual(before);
  });

  test("becomes the same elsewhere by what its steps changed, and by all of it", () => {
    const follower = newCopy();
    follower.store.apply(store.snapshot()!);
    change();
    const delta = commit(copy)!;
    expect(delta.committed.filter((value) => value === undefined)).toHaveLength(2);
    follower.store.apply(delta);
    expect(entriesOf(follower)).toEqual(entriesOf(copy));
    expect(follower.store.bytes).toBe(store.bytes);
    expect(follower.store.bytesByOperator()).toEqual(new Map([["judge", store.bytes]]));
  });

  test("refuses what can't be kept, and state that the job does not declare", () => {
    expect(() => rules.set("fn", () => 1)).toThrow(/State "judge\/rules"/);
    const unknown = { ...store.snapshot()!, cells: ["judge/old", "judge/rates"] };
    expect(() => newCopy().store.apply(unknown)).toThrow(
      expect.objectContaining({ code: "state-unknown" }) as Error,
    );
  });
});
