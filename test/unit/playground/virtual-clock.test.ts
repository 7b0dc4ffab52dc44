import { expect, test } from "vitest";
import { virtualClock } from "../../../playground/virtual-clock.ts";

test("sleepers wake in the order of their times, and each has gone on before the next one does", async () => {
  const clock = virtualClock(1_000);
  const woken: string[] = [];
  const sleeper = async (name: string, ...naps: readonly number[]): Promise<void> => {
    for (const nap of naps) {
      await clock.sleep(nap);
      woken.push(`${name} ${clock.nowMs()}`);
    }
  };
  const all = [sleeper("a", 10, 5), sleeper("b", 12), sleeper("c", 12), sleeper("d", 100)];
  await clock.passTo(1_050);
  expect(woken).toEqual(["a 1010", "b 1012", "c 1012", "a 1015"]);
  expect(clock.nowMs()).toBe(1_050);
  clock.skipTo(2_000);
  await clock.passTo(2_000);
  await Promise.all(all);
  expect(woken.at(-1)).toBe("d 2000");
});

test("time never goes back", async () => {
  const clock = virtualClock(500);
  clock.skipTo(100);
  await clock.passTo(200);
  expect(clock.nowMs()).toBe(500);
});
