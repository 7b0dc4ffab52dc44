import { isMillraceError, messageOf } from "../../runtime/errors/millrace-error.ts";
import { isLed } from "../../runtime/job/leadership.ts";
import { describeCheckpoint } from "../../runtime/savepoints/index.ts";
import { objectNames } from "../../runtime/layout/names.ts";
import type { JobStatusView } from "../schemas/job.ts";
import type { ServedStore } from "../served-store.ts";
import { statusView } from "../status-view.ts";
import type { MeasuredJob } from "./measurements.ts";

/** Undefined where it can't be read: it costs the others nothing. */
export async function measuredJob(
  store: ServedStore,
  job: string,
): Promise<MeasuredJob | undefined> {
  try {
    const status = await statusView(store, job);
    const checkpoint = await newestCheckpoint(store, status);
    const led = await isLed(store.ports, job);
    return { status, isLed: led, ...(checkpoint && { checkpoint }) };
  } catch (thrown) {
    if (isMillraceError(thrown) && thrown.retryable) throw thrown;
    noteUnread(store, job, thrown);
    return undefined;
  }
}

function noteUnread({ ports }: ServedStore, job: string, thrown: unknown): void {
  ports.telemetry.log("error", "what is to be measured can't be read", {
    job,
    error: messageOf(thrown),
  });
}

async function newestCheckpoint(
  store: ServedStore,
  { job, generation, epochs: { completed } }: JobStatusView,
): Promise<MeasuredJob["checkpoint"]> {
  if (generation === undefined || completed === undefined) return undefined;
  const key = objectNames.manifest(job, generation, completed);
  try {
    const { entry } = await describeCheckpoint(store.ports, key);
    return { durationMs: entry.durationMs ?? 0, bytes: entry.totalBytes ?? 0 };
  } catch (thrown) {
    if (isMillraceError(thrown) && thrown.retryable) throw thrown;
    // It may have been deleted since: what is not there is not measured, and what is damaged neither.
    if (!isMillraceError(thrown) || thrown.code !== "manifest-missing")
      noteUnread(store, job, thrown);
    return undefined;
  }
}
