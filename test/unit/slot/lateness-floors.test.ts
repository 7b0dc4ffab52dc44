import { expect, test } from "vitest";
import { floorsAbove, inheritFloors } from "../../../runtime/slot/lateness-floors.ts";

const low = { firstHash: "0", lastHash: "99" };
const high = { firstHash: "100", lastHash: "199" };
const at = (ms: number) => ({ windows: { ms, idle: false } });

test("a slot keeps the watermarks of those it was made from, as far as its own is behind", () => {
  const fast = { range: low, watermarks: at(900) };
  const slow = { range: high, watermarks: at(300) };
  expect(inheritFloors([fast, slow], at(300))).toEqual({ windows: [{ range: low, ms: 900 }] });
  expect(inheritFloors([slow, slow], at(300))).toBeUndefined();
});

test("floors that a parent had are handed on, and go once the watermark has passed them", () => {
  const floors = { windows: [{ range: low, ms: 900 }] };
  const parent = { range: { firstHash: "0", lastHash: "199" }, watermarks: at(500), floors };
  const other = { range: { firstHash: "200", lastHash: "299" }, watermarks: at(400) };
  expect(inheritFloors([parent, other], at(400))).toEqual({
    windows: [
      { range: low, ms: 900 },
      { range: { firstHash: "0", lastHash: "199" }, ms: 500 },
    ],
  });
  expect(floorsAbove(floors, at(899))).toEqual(floors);
  expect(floorsAbove(floors, at(900))).toBeUndefined();
  expect(floorsAbove(undefined, at(0))).toBeUndefined();
});
