import { expect, test } from "vitest";
import { EntryMap } from "../../../runtime/state/entry-map.ts";
import type { StateEntry } from "../../../runtime/state/state-entry.ts";

test("a range, or the last one, is found without a look at all entries, while others come and go", () => {
  const map = new EntryMap();
  const count = 4_000;
  let looks = 0;
  let asked = 0;
  for (let time = 0; time < count; time++) {
    const entry = {
      get mapKey() {
        looks += 1;
        return time;
      },
    } as StateEntry;
    map.add(time, entry);
    const found = map.ordered({ from: time - 1, to: time + 1 });
    expect(found.at(-1)).toBe(entry);
    expect(map.last(() => (asked += 1) > 0)).toBe(entry);
    expect(map.last(() => true, time + 0.5)).toBe(entry);
    if (time % 3 === 0) map.delete(time - 2);
  }
  // By halves: some forty for each.
  expect(looks).toBeLessThan(count * 100);
  expect(asked).toBe(count);
});

test("the last one up to a key is that of the key, or the one before; what is not asked for is passed over", () => {
  const map = new EntryMap();
  const entries = [1, 3, 5].map((mapKey) => ({ mapKey }) as StateEntry);
  for (const entry of entries) map.add(entry.mapKey as number, entry);
  const lastKey = (upTo: number, isAsked = (_: StateEntry) => true) =>
    map.last(isAsked, upTo)?.mapKey;
  expect([0, 1, 2, 3, 4, 5, 6].map((upTo) => lastKey(upTo))).toEqual([undefined, 1, 1, 3, 3, 5, 5]);
  expect(lastKey(5, ({ mapKey }) => mapKey !== 5)).toBe(3);
  expect(lastKey(Number.NEGATIVE_INFINITY)).toBeUndefined();
});
