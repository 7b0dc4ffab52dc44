import { expect, test } from "vitest";
import { environmentPool } from "../../../runtime/embedded/environment-pool.ts";

const pool = (count: number, strayChance: number) => {
  let made = 0;
  let drawn = 0;
  return environmentPool({
    count,
    create: () => made++,
    random: { id: () => "", fraction: () => (drawn++ % 10) / 10 },
    strayChance,
  });
};

test("an environment serves one invocation at a time, and those that wait are served in turn", async () => {
  const { run } = pool(1, 0);
  const order: string[] = [];
  let busy = 0;
  const invoke = (shardId: string) =>
    run(shardId, async () => {
      expect(++busy).toBe(1);
      await Promise.resolve();
      order.push(shardId);
      busy -= 1;
    });
  await Promise.all(["a", "b", "c", "a"].map(invoke));
  expect(order).toEqual(["a", "b", "c", "a"]);
});

test("a shard stays with the environment that served it last", async () => {
  const { run } = pool(3, 0);
  const first = await run("a", (handler) => Promise.resolve(handler));
  for (let again = 0; again < 5; again++)
    expect(await run("a", (handler) => Promise.resolve(handler))).toBe(first);
});

test("with strays every environment comes to see a shard", async () => {
  const { run } = pool(3, 1);
  const seen = new Set<number>();
  for (let again = 0; again < 20; again++)
    seen.add(await run("a", (handler) => Promise.resolve(handler)));
  expect(seen.size).toBe(3);
});

test("an invocation that throws frees its environment", async () => {
  const { run } = pool(1, 0);
  await expect(run("a", () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  expect(await run("a", (handler) => Promise.resolve(handler))).toBe(0);
});
