import { listRetries } from "../runtime/job/retry-memory.ts";
import { readEvents, type RecordedEvent } from "../runtime/observe/events.ts";
import { findGeneration } from "./found-job.ts";
import type { JobExceptionsView } from "./schemas/history.ts";
import type { ServedStore } from "./served-store.ts";

/** What a job met and survived, and what it tries again now. */
export async function exceptionsView(store: ServedStore, job: string): Promise<JobExceptionsView> {
  const { ports } = store;
  const generation = await findGeneration(store, job);
  const nowMs = ports.clock.nowMs();
  const retries =
    generation === undefined || generation.ended
      ? []
      : await listRetries(ports, { job, generation: generation.generation });
  return {
    exceptions: groups(await readEvents(ports, job)),
    retrying: retries.flatMap(({ slot, memory: { trying, againAtMs = 0, attempts } }) =>
      trying === undefined || againAtMs < nowMs - forgottenMs
        ? []
        : [{ slot, failure: trying, attempts: Math.max(0, ...Object.values(attempts)), againAtMs }],
    ),
  };
}

/** An attempt that was due so long ago was made, and has helped: nobody takes that down. */
const forgottenMs = 60_000;

type Exception = JobExceptionsView["exceptions"][number];

/** The newest first. */
function groups(events: readonly RecordedEvent[]): Exception[] {
  const found = new Map<string, Exception>();
  for (const { kind, code, text, atMs, lastMs = atMs, count = 1 } of events) {
    if (code === undefined || (kind !== "error" && kind !== "alarm" && kind !== "warning"))
      continue;
    const name = JSON.stringify([kind, code, text]);
    const before = found.get(name);
    found.set(name, {
      kind,
      code,
      message: text,
      count: (before?.count ?? 0) + count,
      firstMs: Math.min(before?.firstMs ?? atMs, atMs),
      lastMs: Math.max(before?.lastMs ?? lastMs, lastMs),
    });
  }
  return [...found.values()].toSorted((left, right) => right.lastMs - left.lastMs);
}
