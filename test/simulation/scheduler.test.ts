import { describe, expect, test } from "vitest";
import { dice } from "./random.ts";
import { Scheduler, type SimProcess } from "./scheduler.ts";

function newProcess(name: string): SimProcess {
  return { name, kind: "environment", skewMs: 0, isDead: false, frozenUntilMs: 0, busyUntilMs: 0 };
}

const forever = (): boolean => false;

describe("virtual time", () => {
  test("events run in the order of their times, and in the order in which they were made where these are equal", async () => {
    const scheduler = new Scheduler(dice(1));
    const roll = dice(2);
    const times = Array.from({ length: 500 }, () => roll.between(0, 50));
    const seen: (readonly [atMs: number, index: number])[] = [];
    for (const [index, atMs] of times.entries())
      scheduler.at(atMs, () => seen.push([scheduler.nowMs, index]));
    await scheduler.run(forever);
    const expected = times
      .map((atMs, index) => [atMs, index] as const)
      .sort(([a, one], [b, other]) => a - b || one - other);
    expect(seen).toEqual(expected);
  });

  test("all that became possible has happened before the next event runs", async () => {
    const scheduler = new Scheduler(dice(1));
    const seen: string[] = [];
    scheduler.at(1, () => {
      void (async () => {
        for (let turn = 0; turn < 50; turn++) await Promise.resolve();
        seen.push("first");
      })();
    });
    scheduler.at(1, () => seen.push("second"));
    await scheduler.run(forever);
    expect(seen).toEqual(["first", "second"]);
  });

  test("nothing of a dead process is resumed, and a sleeper goes on in its order when it wakes up", async () => {
    const scheduler = new Scheduler(dice(1));
    const [dead, sleeper] = [newProcess("dead"), newProcess("sleeper")];
    const seen: string[] = [];
    scheduler.at(5, () => seen.push("never"), dead);
    scheduler.at(6, () => seen.push(`one at ${scheduler.nowMs}`), sleeper);
    scheduler.at(7, () => seen.push(`two at ${scheduler.nowMs}`), sleeper);
    scheduler.at(8, () => seen.push("other"));
    dead.isDead = true;
    sleeper.frozenUntilMs = 1_000;
    await scheduler.run(forever);
    expect(seen).toEqual(["other", "one at 1000", "two at 1000"]);
  });
});

describe("dice", () => {
  test("neighbouring seeds and purposes roll independently", () => {
    const first = Array.from({ length: 2_000 }, (_, seed) => dice(seed).fraction());
    const mean = first.reduce((sum, roll) => sum + roll, 0) / first.length;
    expect(mean).toBeGreaterThan(0.47);
    expect(mean).toBeLessThan(0.53);
    expect(new Set(first).size).toBe(first.length);
    expect(dice(7, 1).fraction()).not.toBe(dice(7, 2).fraction());
    expect(dice(7, 1).fraction()).toBe(dice(7, 1).fraction());
  });
});
