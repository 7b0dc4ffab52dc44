import { expect, test } from "vitest";
import { pauseMs, retry, type RetryPolicy, type Try } from "../../../runtime/retry/retry.ts";

const policy: RetryPolicy = { triesMax: 4, firstPauseMs: 100, pauseMaxMs: 350 };

/** Runs tries that come to what is given, on a clock that notes the pauses and with dice that always show the same. */
async function trying(outcomes: readonly Try[], fraction = 0.999) {
  const pauses: number[] = [];
  let tries = 0;
  const clock = {
    nowMs: () => 0,
    sleep: async (durationMs: number) => void pauses.push(durationMs),
  };
  const random = { id: () => "id", fraction: () => fraction };
  const isDone = await retry({ clock, random }, policy, async () => outcomes[tries++] ?? "failed");
  return { isDone, tries, pauses };
}

test("what is done at once costs no pause", async () => {
  expect(await trying(["done"])).toEqual({ isDone: true, tries: 1, pauses: [] });
});

test("pauses double up to their bound, and nobody waits after the last try", async () => {
  expect(await trying([])).toEqual({ isDone: false, tries: 4, pauses: [100, 200, 350] });
});

test("a try that comes further begins the count and the pauses anew", async () => {
  const outcomes: Try[] = ["failed", "failed", "further", "failed", "failed", "failed", "done"];
  expect(await trying(outcomes)).toEqual({
    isDone: true,
    tries: 7,
    pauses: [100, 200, 100, 100, 200, 350],
  });
});

test("those who failed together come back at any time up to the bound: full jitter", () => {
  const random = (fraction: number) => ({ id: () => "id", fraction: () => fraction });
  expect([0, 0.5, 0.999].map((fraction) => pauseMs(policy, 2, random(fraction)))).toEqual([
    0, 100, 200,
  ]);
  expect(pauseMs(policy, 2_000, random(0.5))).toBe(175);
});

test("what the work throws ends it", async () => {
  const ports = {
    clock: { nowMs: () => 0, sleep: async () => {} },
    random: { id: () => "id", fraction: () => 0 },
  };
  await expect(
    retry(ports, policy, async () => {
      throw new Error("for good");
    }),
  ).rejects.toThrow("for good");
});
