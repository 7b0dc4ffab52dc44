import { patience } from "../runtime/embedded/patience.ts";
import { feedsOf } from "../runtime/job/feeds.ts";
import { readGeneration } from "../runtime/job/generation.ts";
import type { JobRuntime } from "../runtime/job/job-runtime.ts";
import { isOver, shownPhase } from "../runtime/job/phase.ts";
import { listProgress, type SlotProgress } from "../runtime/job/progress.ts";
import type { SlotInvocation } from "../runtime/ports/index.ts";

export interface PullOptions {
  readonly job: JobRuntime;
  /** Has a slot read for itself. May throw: it is tried again. */
  readonly invoke: (invocation: SlotInvocation) => Promise<unknown>;
  /** How long a slot is left alone that has found nothing. */
  readonly pollMs: number;
  /** Splits that are this worker's. */
  readonly accepts: (shardId: string) => boolean;
  readonly isStopped: () => boolean;
  readonly onError?: (error: unknown) => void;
}

const lookMs = 25;

/**
 * Has the slots that nobody hands records to read for themselves, again and again, until they are at their ends. Resolves once it is
 * stopped and no invocation is under way.
 * @throws what keeps failing although no retry can help, once no invocation is under way.
 */
export async function pullSlots(options: PullOptions): Promise<void> {
  const { job, pollMs, accepts, onError } = options;
  const { clock } = job.ports;
  const streams = new Set(
    feedsOf(job.plan, job.names).flatMap(({ fedBy, stream }) =>
      fedBy === "nobody" ? [stream] : [],
    ),
  );
  const { isOver: isInVain, reset } = patience();
  let failure: { readonly thrown: unknown } | undefined;
  const isStopped = (): boolean => failure !== undefined || options.isStopped();
  const attempt = async (place: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
      reset(place);
    } catch (thrown) {
      if (isInVain(place, thrown)) failure ??= { thrown };
      onError?.(thrown);
    }
  };

  const running = new Map<string, Promise<void>>();
  /** By slot: the version that was found at its newest invocation, and when that was over. */
  const before = new Map<string, { readonly version: number; readonly endMs: number }>();
  const pull = async ({ slot, stream, shardId, version }: SlotProgress): Promise<void> => {
    await attempt(slot, () => options.invoke({ stream, shardId }));
    before.set(slot, { version, endMs: clock.nowMs() });
    running.delete(slot);
  };
  const isDue = (row: SlotProgress): boolean => {
    if (!streams.has(row.stream) || !accepts(row.shardId) || isOver(shownPhase(row))) return false;
    const last = before.get(row.slot);
    return last?.version !== row.version || clock.nowMs() - last.endMs >= pollMs;
  };
  const pullAll = async (): Promise<void> => {
    for (const row of await living(job))
      if (!running.has(row.slot) && isDue(row)) running.set(row.slot, pull(row));
  };

  while (streams.size > 0 && !isStopped()) {
    await attempt("", pullAll);
    await clock.sleep(lookMs);
  }
  await Promise.all(running.values());
  if (failure !== undefined) throw failure.thrown;
}

async function living({ ports, plan }: JobRuntime): Promise<readonly SlotProgress[]> {
  const generation = await readGeneration(ports, plan.job);
  if (generation === undefined || generation.ended) return [];
  return await listProgress(ports, { job: plan.job, generation: generation.generation });
}
