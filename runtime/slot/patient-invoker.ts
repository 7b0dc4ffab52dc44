import { type Generation, readGeneration } from "../job/generation.ts";
import type { JobRuntime } from "../job/job-runtime.ts";
import { msBetween } from "../job/ms-between.ts";
import { slotOfShard } from "../job/slot-ref.ts";
import type { SlotInvoker } from "../ports/index.ts";
import { waitsForAttempt } from "./step/retries.ts";

/** How long somebody's restore may go unnoticed: meanwhile the attempts of the generation before it count. */
const generationEveryMs = 1_000;

/**
 * Leaves slots alone that wait for their next attempt: an invocation sleeps there, the slot seems quiet meanwhile, and the one that the
 * coordinator asks for would try at once what is to be tried later.
 */
export function patientInvoker(job: JobRuntime, invoker: SlotInvoker): SlotInvoker {
  const readLiving = livingGeneration(job);
  return {
    async invoke(invocation) {
      const living = await readLiving();
      const { name: slot } = slotOfShard(job, invocation.stream, invocation.shardId);
      const isWaiting =
        living !== undefined &&
        (await waitsForAttempt(job, { generation: living.generation, slot }));
      if (!isWaiting) await invoker.invoke(invocation);
    },
  };
}

/** A round invokes many slots at once: all of them share a read. One that fails is not remembered. */
function livingGeneration({ ports, plan }: JobRuntime): () => Promise<Generation | undefined> {
  let read: { readonly living: Promise<Generation | undefined>; readonly atMs: number } | undefined;
  return async () => {
    const nowMs = ports.clock.nowMs();
    if (read === undefined || msBetween(nowMs, read.atMs) >= generationEveryMs)
      read = { living: readGeneration(ports, plan.job), atMs: nowMs };
    const own = read;
    try {
      return await own.living;
    } catch (thrown) {
      if (read === own) read = undefined;
      throw thrown;
    }
  };
}
