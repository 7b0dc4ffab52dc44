import { readGeneration } from "../job/generation.ts";
import type { JobRuntime } from "../job/job-runtime.ts";
import { slotOfShard } from "../job/slot-ref.ts";
import type { SlotInvoker } from "../ports/index.ts";
import { waitsForAttempt } from "./step/retries.ts";

/**
 * Leaves slots alone that wait for their next attempt: an invocation sleeps there, the slot seems quiet meanwhile, and the one that the
 * coordinator asks for would try at once what is to be tried later.
 */
export function patientInvoker(job: JobRuntime, invoker: SlotInvoker): SlotInvoker {
  return {
    async invoke(invocation) {
      const living = await readGeneration(job.ports, job.plan.job);
      const { name: slot } = slotOfShard(job, invocation.stream, invocation.shardId);
      const isWaiting =
        living !== undefined &&
        (await waitsForAttempt(job, { generation: living.generation, slot }));
      if (!isWaiting) await invoker.invoke(invocation);
    },
  };
}
