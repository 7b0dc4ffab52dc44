import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import type { HeapLimitEnd } from "./heap-limit-thread.ts";

test("state that only grows stops its slot with an error before the process dies of its memory", async () => {
  const worker = new Worker(new URL("heap-limit-thread.ts", import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 8 },
  });
  // A thread that dies rejects this with ERR_WORKER_OUT_OF_MEMORY.
  const [end] = (await once(worker, "message")) as [HeapLimitEnd];
  await worker.terminate();
  expect(end).toMatchObject({ code: "state-too-large" });
  expect(end.message).toMatch(/^The heap holds \d+ MiB of \d+ MiB with slot in\/shardId-0+ alone/);
  expect(end.alarms).toEqual(expect.arrayContaining(["state-near-limit", "state-too-large"]));
  // A small key takes about a kilobyte of heap, and some 20 bytes as encoded.
  expect(end.batches).toBeGreaterThan(10);
}, 120_000);
