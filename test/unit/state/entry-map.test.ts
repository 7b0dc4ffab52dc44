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
    if (time % 3 === 0) map.delete(time - 2);
  }
  // By halves: some forty for each.
  expect(looks).toBeLessThan(count * 100);
  expect(asked).toBe(count);
});
