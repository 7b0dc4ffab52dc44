import type { Epoch, Epochs, SavepointRequest } from "../checkpoint/epochs.ts";
import {
  type Manifest,
  manifestFormat,
  putManifest,
  type Tombstone,
} from "../checkpoint/manifest.ts";
import { stagedOf } from "../checkpoint/staged.ts";
import type { JobRuntime } from "../job/job-runtime.ts";
import { msBetween } from "../job/ms-between.ts";
import type { SlotProgress } from "../job/progress.ts";
import { objectNames } from "../layout/names.ts";
import { completeManifest } from "./complete-manifest.ts";
import type { EpochRound } from "./epoch-round.ts";
import { canComplete, sharesOf } from "./epoch-shares.ts";
import { timeOfEpochMs } from "./epoch-time.ts";

/** Requests that are done and still shown. */
const doneRequestsKept = 20;

/** Completes the open epoch, or gives it up; undefined while neither can be said. */
export async function endEpoch(
  job: JobRuntime,
  round: EpochRound,
  epochs: Epochs,
  newest: Epoch,
): Promise<Epochs | undefined> {
  const shares = sharesOf(job, round, newest.number);
  if (shares !== undefined) {
    const manifest = await completeManifest(job, { ...round, epochs, epoch: newest, shares });
    return afterEnd(job, round, epochs, await putManifest<Manifest>(job.ports, manifest));
  }
  const reason = expiryReason(job, round, epochs, newest);
  if (reason === undefined) return undefined;
  const tombstone: Tombstone = {
    format: manifestFormat,
    status: "expired",
    job: job.plan.job,
    generation: round.generation.generation,
    epoch: newest.number,
    expiredMs: round.nowMs,
    reason,
  };
  return afterEnd(job, round, epochs, await putManifest<Tombstone>(job.ports, tombstone));
}

const resharded = "A stream was resharded between the cuts of its slots.";

function expiryReason(
  job: JobRuntime,
  round: EpochRound,
  { failures }: Epochs,
  epoch: Epoch,
): string | undefined {
  const ageMs = msBetween(round.nowMs, epoch.openedMs);
  if (!canComplete(job, round, epoch.number)) return resharded;
  if (ageMs < timeOfEpochMs(job.graph.options.checkpoints, failures)) return undefined;
  const missing = round.progress
    .filter(({ sealed, checkpoint }) => !sealed && !isShare(checkpoint, epoch.number))
    .map(({ slot }) => slot);
  return `It had not completed after ${ageMs} ms; slots without their share: ${missing.slice(0, 10).join(", ")}.`;
}

function isShare(checkpoint: SlotProgress["checkpoint"], epoch: number): boolean {
  return checkpoint?.epoch === epoch && checkpoint.complete;
}

/** protocol 6.4: whichever of manifest and tombstone stands decides, whoever wrote it. */
function afterEnd(
  job: JobRuntime,
  round: EpochRound,
  epochs: Epochs,
  standing: Manifest | Tombstone,
): Epochs {
  const newest = epochs.newest as Epoch;
  if (standing.status === "complete") {
    if (stagedOf(standing).length === 0) return completed(job, round, epochs);
    return { ...epochs, newest: { ...newest, status: "committing" } };
  }
  const { reason } = standing;
  const failures = epochs.failures + 1;
  job.ports.telemetry.count("epochsExpired", 1);
  job.ports.telemetry.log("warn", "an epoch expired", { epoch: newest.number, reason });
  if (failures > job.graph.options.checkpoints.tolerableFailures)
    job.ports.telemetry.alarm("epochs-failing", { epoch: newest.number, failures, reason });
  return {
    ...epochs,
    newest: { ...newest, status: "expired", endedMs: round.nowMs, reason },
    failures,
    // protocol 6.7: a stop is tried again until it succeeds; and 6.5: the next epoch has what a reshard kept from this one.
    requests:
      epochs.stopping || reason === resharded
        ? epochs.requests
        : settled(epochs, newest, { status: "failed", reason }),
  };
}

/** All that the epoch holds can be seen. */
export function completed(
  { ports, plan }: JobRuntime,
  { generation: { generation }, nowMs }: EpochRound,
  epochs: Epochs,
): Epochs {
  const newest = epochs.newest as Epoch;
  const manifest = objectNames.manifest(plan.job, generation, newest.number);
  ports.telemetry.count("epochsCompleted", 1);
  return {
    ...epochs,
    newest: { ...newest, status: "complete", endedMs: nowMs },
    failures: 0,
    completed: newest.number,
    requests: settled(epochs, newest, { status: "complete", manifest }),
  };
}

function settled(
  { requests }: Epochs,
  { savepoint }: Epoch,
  end: Pick<SavepointRequest, "status" | "manifest" | "reason">,
): readonly SavepointRequest[] {
  if (savepoint === undefined) return requests;
  const now = requests.map((request) =>
    request.id === savepoint && request.status === "asked" ? { ...request, ...end } : request,
  );
  const done = now.filter(({ status }) => status !== "asked");
  const dropped = new Set(done.slice(0, Math.max(0, done.length - doneRequestsKept)));
  return now.filter((request) => !dropped.has(request));
}
