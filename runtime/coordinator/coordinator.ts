import { isMillraceError, messageOf } from "../errors/millrace-error.ts";
import { ensureGeneration } from "../job/generation.ts";
import { mappedStreamsOf } from "../job/feeds.ts";
import { isMissing } from "../job/missing-object.ts";
import { collectIfDue } from "./garbage-runs.ts";
import { awaitLease, type Lease } from "./lease.ts";
import type { CoordinatorOptions } from "./options.ts";
import { createRound, type RoundReport } from "./round.ts";
import { checkTableKeys } from "./table-keys.ts";

export type CoordinatorEnd = "ended" | "quiet" | "deadline" | "stopped" | "led-by-another";

const checkEveryMs = 60_000;
/** How long somebody's cancel or restore may go unnoticed. */
const generationEveryMs = 1_000;

/**
 * Leads a job for a while: ticks, watermarks, idle and closed sources, due timers, the end (docs/protocol.md, section 4). All
 * that it knows is in the store, so it may die anywhere.
 */
export async function runCoordinator(options: CoordinatorOptions): Promise<CoordinatorEnd> {
  const { job, settings, deadlineMs, isStopped = () => false } = options;
  const { ports } = job;
  const lease = await awaitLease(ports, job.plan.job, {
    durationMs: settings.leaseMs,
    untilMs: Math.min(deadlineMs, ports.clock.nowMs() + settings.standbyMs),
    pollMs: settings.standbyPollMs,
    isStopped,
  });
  if (lease === undefined) return "led-by-another";
  const beside = new Set<Promise<unknown>>();
  let end: CoordinatorEnd | undefined;
  try {
    end = await lead(options, lease, beside);
    return end;
  } finally {
    await lease.release({ quiet: end === "quiet", stopped: end === "stopped" });
    // Nothing outlives the coordinator, and whoever waits for the lease does not wait for this.
    await Promise.all(beside);
  }
}

async function lead(
  options: CoordinatorOptions,
  lease: Lease,
  beside: Set<Promise<unknown>>,
): Promise<CoordinatorEnd> {
  const { job, settings, deadlineMs } = options;
  const { clock, telemetry } = job.ports;
  let generation = await ensureGeneration(job);
  if (generation.ended) return "ended";
  let round = createRound(options, generation);
  let generationReadMs = clock.nowMs();
  let renewedMs = clock.nowMs();
  let changedMs = clock.nowMs();
  let checkedMs = Number.NEGATIVE_INFINITY;
  let collectedMs = Number.NEGATIVE_INFINITY;
  let collecting: Promise<unknown> | undefined;
  const lookForGarbageMs = Math.min(checkEveryMs, settings.garbageEveryMs);
  const goBeside = (work: Promise<unknown>): void => {
    beside.add(work);
    void work.finally(() => beside.delete(work));
  };
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
      goBeside(checkMappings(options));
      goBeside(checkTableKeys(options));
      checkedMs = nowMs;
    }
    if (settings.garbageEveryMs !== Infinity && nowMs - collectedMs > lookForGarbageMs) {
      collecting ??= collectIfDue(options).finally(() => (collecting = undefined));
      goBeside(collecting);
      collectedMs = nowMs;
    }
    let report: RoundReport = { changed: false, ended: false, invocations: [] };
    try {
      if (nowMs - generationReadMs >= generationEveryMs) {
        const living = await ensureGeneration(job);
        generationReadMs = nowMs;
        if (living.ended) return "ended";
        if (living.generation !== generation.generation) round = createRound(options, living);
        generation = living;
      }
      report = await round();
      report.invocations.forEach(goBeside);
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

/** Never throws: a job goes on whose mappings can't be asked for. */
async function checkMappings({ job, sourceControl }: CoordinatorOptions): Promise<void> {
  const { telemetry } = job.ports;
  try {
    const faults = (await sourceControl?.check(mappedStreamsOf(job.plan, job.names))) ?? [];
    for (const { stream, fault } of faults) telemetry.alarm("mapping-fault", { stream, fault });
  } catch (thrown) {
    telemetry.log("warn", "event source mappings were not checked", { error: messageOf(thrown) });
  }
}
