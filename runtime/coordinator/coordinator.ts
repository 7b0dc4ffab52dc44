import { isMillraceError, messageOf } from "../errors/millrace-error.ts";
import { ensureGeneration } from "../slot/generation.ts";
import { streamsOf } from "../slot/slot-ref.ts";
import { isMissing } from "../slot/missing-object.ts";
import { acquireLease, type Lease } from "./lease.ts";
import { collectGarbage } from "../savepoints/garbage.ts";
import type { CoordinatorOptions } from "./options.ts";
import { createRound, type RoundReport } from "./round.ts";

export type CoordinatorEnd = "ended" | "quiet" | "deadline" | "stopped" | "led-by-another";

const checkEveryMs = 60_000;
/** How long somebody's cancel or restore may go unnoticed. */
const generationEveryMs = 1_000;

/**
 * Leads a job for a while: ticks, watermarks, idle and closed sources, due timers, the end (docs/protocol.md, section 4). All
 * that it knows is in the store, so it may die anywhere.
 */
export async function runCoordinator(options: CoordinatorOptions): Promise<CoordinatorEnd> {
  const { job, settings } = options;
  const { ports } = job;
  const lease = await acquireLease(ports, job.plan.job, settings.leaseMs);
  if (lease === undefined) return "led-by-another";
  try {
    return await lead(options, lease);
  } finally {
    await lease.release();
  }
}

async function lead(options: CoordinatorOptions, lease: Lease): Promise<CoordinatorEnd> {
  const { job, settings, deadlineMs } = options;
  const { clock, telemetry } = job.ports;
  let generation = await ensureGeneration(job);
  if (generation.ended) return "ended";
  let round = createRound(options, generation);
  let generationReadMs = clock.nowMs();
  let renewedMs = clock.nowMs();
  let changedMs = clock.nowMs();
  let checkedMs = Number.NEGATIVE_INFINITY;
  let collectedMs = clock.nowMs();
  /** What the round before looked for in vain. */
  let missed = "";
  for (;;) {
    const nowMs = clock.nowMs();
    if (options.isStopped?.() === true) return "stopped";
    if (nowMs >= deadlineMs) return "deadline";
    if (nowMs - renewedMs > settings.leaseMs / 2) {
      if (!(await lease.renew())) return "led-by-another";
      renewedMs = nowMs;
    }
    if (nowMs - checkedMs > checkEveryMs) {
      await checkMappings(options);
      checkedMs = nowMs;
    }
    if (nowMs - collectedMs > settings.garbageEveryMs) {
      await collect(options);
      collectedMs = nowMs;
    }
    let report: RoundReport = { changed: false, ended: false };
    try {
      if (nowMs - generationReadMs >= generationEveryMs) {
        const living = await ensureGeneration(job);
        generationReadMs = nowMs;
        if (living.ended) return "ended";
        if (living.generation !== generation.generation) round = createRound(options, living);
        generation = living;
      }
      report = await round();
      missed = "";
    } catch (thrown) {
      const error = messageOf(thrown);
      const isStale = isMissing(thrown) && error !== missed;
      // A throttled store costs this round; the next one reads everything anew.
      if (!isStale && !(isMillraceError(thrown) && thrown.retryable)) throw thrown;
      telemetry.log("warn", "a coordinator round failed", { error });
      if (isStale) {
        // protocol 6.8: who sleeps finds garbage. Only a leader whose generation lives, and who misses the same again, has found damage.
        missed = error;
        renewedMs = generationReadMs = Number.NEGATIVE_INFINITY;
        continue;
      }
    }
    if (report.ended) return "ended";
    if (report.changed) changedMs = nowMs;
    else if (nowMs - changedMs > settings.quietMs) return "quiet";
    await clock.sleep(settings.tickIntervalMs);
  }
}

/** protocol 6.8: what nothing refers to goes; a collection that fails costs nothing but room. */
async function collect({ job, settings }: CoordinatorOptions): Promise<void> {
  const { ports, plan, graph } = job;
  try {
    const { deleted } = await collectGarbage(ports, {
      job: plan.job,
      retain: graph.options.checkpoints.retain,
      graceMs: settings.garbageGraceMs,
      frameRetentionMs: settings.frameRetentionMs,
    });
    ports.telemetry.count("garbageObjects", deleted.length);
  } catch (thrown) {
    ports.telemetry.log("warn", "garbage was not collected", { error: messageOf(thrown) });
  }
}

async function checkMappings({ job, sourceControl }: CoordinatorOptions): Promise<void> {
  const faults = (await sourceControl?.check(streamsOf(job.plan, job.names))) ?? [];
  for (const { stream, fault } of faults)
    job.ports.telemetry.alarm("mapping-fault", { stream, fault });
}
