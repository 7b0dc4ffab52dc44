import { readEvents, type RecordedEvent } from "../runtime/observe/events.ts";
import { retryingSlots } from "../runtime/observe/retrying-slots.ts";
import { findGeneration } from "./found-job.ts";
import type { JobExceptionsView } from "./schemas/history.ts";
import type { ServedStore } from "./served-store.ts";

/** What a job met and survived, and what it tries again now. */
export async function exceptionsView(store: ServedStore, job: string): Promise<JobExceptionsView> {
  const { ports } = store;
  const generation = await findGeneration(store, job);
  return {
    exceptions: groups(await readEvents(ports, job)),
    retrying: [...(await retryingSlots(ports, job, generation))],
  };
}

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
