import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import type { HeapLimitEnd, HeapLimitRun } from "./heap-limit-thread.ts";

/** Runs a slot whose state only grows in a thread with a small heap. A thread that dies rejects this with ERR_WORKER_OUT_OF_MEMORY. */
async function growUntilItEnds(run: HeapLimitRun): Promise<HeapLimitEnd> {
  const worker = new Worker(new URL("heap-limit-thread.ts", import.meta.url), {
    workerData: run,
    // Of the 8 MiB V8 makes 12.
    resourceLimits: { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 8 },
  });
  const [end] = (await once(worker, "message")) as [HeapLimitEnd];
  await worker.terminate();
  return end;
}

test("state that only grows stops its slot with an error before the process dies of its memory", async () => {
  const end = await growUntilItEnds({ batchRecords: 2_000, numbers: 1 });
  expect(end).toMatchObject({ code: "state-too-large" });
  expect(end.message).toMatch(/^The heap holds \d+ MiB of 48 MiB with slot in\/shardId-0+ alone/);
  expect(end.alarms).toEqual(expect.arrayContaining(["state-near-limit", "state-too-large"]));
  // A small key takes about a kilobyte of heap, and some 20 bytes as encoded.
  expect(end.commits).toBeGreaterThan(5);
});

test("a batch that alone would overfill the heap is committed as far as there is room", async () => {
  const end = await growUntilItEnds({ batchRecords: 2_000, numbers: 3_000 });
  expect(end).toMatchObject({ code: "state-too-large" });
  expect(end.commits).toBeGreaterThan(0);
});
