import { describe, expect, test } from "vitest";
import { readPace } from "../../../runtime/aws/read-pace.ts";
import { manualClock } from "../../integration/slot-world.ts";

describe("reads of a shard", () => {
  test("keep to five in any second, however fast they are asked for", async () => {
    const clock = manualClock(0);
    const pace = readPace(clock);
    const madeMs: number[] = [];
    for (let read = 0; read < 60; read++) {
      await pace("a");
      madeMs.push(clock.nowMs());
      clock.advance(7);
    }
    for (const [index, atMs] of madeMs.entries())
      if (index >= 5) expect(atMs - madeMs[index - 5]!).toBeGreaterThanOrEqual(1_000);
    // No slower than it has to be.
    expect(madeMs.at(-1)).toBeLessThanOrEqual(12_000);
  });

  test("of several askers at once share the five", async () => {
    const clock = manualClock(0);
    const waits: number[] = [];
    const pace = readPace({ ...clock, sleep: async (ms) => void waits.push(ms) });
    await Promise.all(Array.from({ length: 12 }, () => pace("a")));
    expect(waits).toEqual([1_000, 1_000, 1_000, 1_000, 1_000, 2_000, 2_000]);
  });

  test("don't wait for those of another shard", async () => {
    const clock = manualClock(0);
    const pace = readPace(clock);
    for (let read = 0; read < 5; read++) await pace("a");
    for (let read = 0; read < 5; read++) await pace("b");
    expect(clock.nowMs()).toBe(0);
  });
});
