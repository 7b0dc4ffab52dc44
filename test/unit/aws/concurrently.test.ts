import { expect, test } from "vitest";
import { concurrently } from "../../../runtime/aws/concurrently.ts";

test("keeps the order of the items and never has more than the limit under way", async () => {
  let underWay = 0;
  let most = 0;
  const work = async (item: number) => {
    most = Math.max(most, ++underWay);
    for (let turn = 0; turn < 10 - item; turn++) await Promise.resolve();
    underWay--;
    return item * 2;
  };
  expect(await concurrently([1, 2, 3, 4, 5, 6, 7], { limit: 3, work })).toEqual([
    2, 4, 6, 8, 10, 12, 14,
  ]);
  expect(most).toBe(3);
  expect(await concurrently([], { limit: 3, work })).toEqual([]);
});

test("after a failure begins nothing new, and throws only when what had begun is over", async () => {
  const begun: number[] = [];
  let finished = false;
  const work = async (item: number) => {
    begun.push(item);
    if (item === 1) throw new Error("first");
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    finished = true;
  };
  await expect(concurrently([1, 2, 3, 4], { limit: 2, work })).rejects.toThrow("first");
  expect({ begun, finished }).toEqual({ begun: [1, 2], finished: true });
});
