import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { s3ObjectStore } from "../../runtime/aws/s3-object-store.ts";
import type { Clock, ObjectStore, Random } from "../../runtime/ports/index.ts";
import { awsWorld, type AwsWorld } from "./aws-world.ts";

let world: AwsWorld;
let waitsMs: number[];
const clock: Clock = { nowMs: () => 0, sleep: async (durationMs) => void waitsMs.push(durationMs) };
/** Dice that show the most there is. */
const random: Random = { id: () => "id", fraction: () => 1 - Number.EPSILON };

beforeAll(async () => void (world = await awsWorld({ pageKeysMax: 3 })));
beforeEach(() => void (waitsMs = []));
afterAll(() => world.close());

const storeAt = (prefix: string, bucket = "state"): ObjectStore =>
  s3ObjectStore({ client: world.clients.s3, bucket, prefix, clock, random });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of store.list(prefix)) keys.push(key);
  return keys;
}

describe("the object store on S3", () => {
  test("tries again, later each time, where S3 answers with a conflict", async () => {
    world.s3.conflict(2);
    expect(await storeAt("conflict/").put("a", bytes("one"), { ifAbsent: true })).toBe(true);
    expect(waitsMs).toEqual([50, 100]);
  });

  test("gives up conflicts as a retryable error", async () => {
    world.s3.conflict(5);
    const put = storeAt("conflict/").put("b", bytes("one"), { ifAbsent: true });
    await expect(put).rejects.toMatchObject({ code: "store-conflict", retryable: true });
  });

  test("follows the pages of a list, without its own prefix in the keys", async () => {
    const store = storeAt("paged/");
    const keys = ["a/1", "a/2", "a/3", "a/4", "a/5 & <6>", "a/7", "a/8"];
    for (const key of [...keys, "b/1"]) await store.put(key, bytes(key));
    expect(await keysOf(store, "a/")).toEqual(keys);
    expect(await keysOf(store, "none/")).toEqual([]);
  });

  test("deletes a thousand objects with each call, and says which one stays", async () => {
    const store = storeAt("swept/");
    for (const key of ["a", "b/locked", "c"]) await store.put(key, bytes(key));
    const absent = Array.from({ length: 2_500 }, (_, at) => `absent/${at}`);
    await store.delete(["a", ...absent]);
    expect(await keysOf(store, "")).toEqual(["b/locked", "c"]);
    await expect(store.delete(["b/locked", "c"])).rejects.toMatchObject({
      code: "objects-not-deleted",
      retryable: false,
      message: expect.stringContaining("swept/b/locked") as string,
    });
    expect(await keysOf(store, "")).toEqual(["b/locked"]);
  });

  test("tells apart what a retry can help from what needs a person", async () => {
    await expect(storeAt("", "missing").get("a")).rejects.toMatchObject({
      code: "store-missing",
      retryable: false,
    });
    world.s3.denyAll(true);
    const denied = storeAt("").put("a", bytes("one"));
    await expect(denied).rejects.toMatchObject({
      code: "store-access-denied",
      retryable: false,
      next: expect.stringContaining("s3:PutObject") as string,
    });
    world.s3.denyAll(false);
    world.s3.slowDown(2);
    await expect(storeAt("").get("a")).rejects.toMatchObject({
      code: "store-throttled",
      retryable: true,
    });
  });
});
