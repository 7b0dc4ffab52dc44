import { expect, test } from "vitest";
import {
  staggeredWindows,
  staggerMs,
} from "../../../../runtime/windows/assigners/staggered-windows.ts";

const hour = { kind: "tumbling", sizeMs: 3_600_000, offsetMs: 0, stagger: "keys" } as const;
const keys = Array.from({ length: 1_000 }, (_, at) => `key ${at}`);

test("windows of a key lie side by side, and begin where its own offset says", () => {
  const { windowsAt } = staggeredWindows(hour);
  for (const key of keys.slice(0, 50)) {
    const [window] = windowsAt(1_772_352_000_000, undefined, key);
    const { startMs, endMs } = window!;
    expect(endMs - startMs).toBe(hour.sizeMs);
    expect(startMs % hour.sizeMs).toBe(staggerMs(key, hour.sizeMs));
    expect(windowsAt(endMs - 1, undefined, key)).toEqual([window]);
    expect(windowsAt(endMs, undefined, key)[0]!.startMs).toBe(endMs);
  }
});

test("windows of all keys are spread over the size", () => {
  const tenths = new Map<number, number>();
  for (const key of keys) {
    const tenth = Math.floor((staggerMs(key, hour.sizeMs) / hour.sizeMs) * 10);
    tenths.set(tenth, (tenths.get(tenth) ?? 0) + 1);
  }
  expect([...tenths.keys()].toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(Math.min(...tenths.values())).toBeGreaterThan(60);
});

test("an offset comes on top", () => {
  const [plain] = staggeredWindows(hour).windowsAt(1_772_352_000_000, undefined, "a");
  const later = staggeredWindows({ ...hour, offsetMs: 60_000 });
  const [moved] = later.windowsAt(plain!.startMs + 60_000, undefined, "a");
  expect(moved!.startMs).toBe(plain!.startMs + 60_000);
});
