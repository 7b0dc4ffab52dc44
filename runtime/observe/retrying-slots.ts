import type { Generation } from "../job/generation.ts";
import { listRetries } from "../job/retry-memory.ts";
import type { Ports } from "../ports/index.ts";

/** A slot whose batch has failed, and is tried again. */
export interface RetryingSlot {
  readonly slot: string;
  /** The operator that failed, and the name of what it threw. */
  readonly failure: string;
  /** Of the place that has failed most often. */
  readonly attempts: number;
  readonly againAtMs: number;
}

/** An attempt that was due so long ago was made, and has helped: nobody takes that down. */
const forgottenMs = 60_000;

/** None of a generation that is over. */
export async function retryingSlots(
  { control, clock }: Pick<Ports, "control" | "clock">,
  job: string,
  generation: Generation | undefined,
): Promise<readonly RetryingSlot[]> {
  if (generation === undefined || generation.ended) return [];
  const nowMs = clock.nowMs();
  const retries = await listRetries({ control }, { job, generation: generation.generation });
  return retries.flatMap(({ slot, memory: { trying, againAtMs = 0, attempts } }) =>
    trying === undefined || againAtMs < nowMs - forgottenMs
      ? []
      : [{ slot, failure: trying, attempts: Math.max(0, ...Object.values(attempts)), againAtMs }],
  );
}
