import { messageOf } from "../errors/millrace-error.ts";
import { rowKeys } from "../layout/names.ts";
import type { Ports } from "../ports/index.ts";
import { collectGarbage } from "../savepoints/garbage.ts";
import { fromControlValue, toControlValue } from "../serde/control-value.ts";
import type { CoordinatorOptions } from "./options.ts";

export type GarbageRun = Pick<CoordinatorOptions, "job" | "settings">;

/** When garbage was collected last: a leader lives for minutes, so that it can't know by itself. */
interface LastRun {
  readonly startedMs: number;
}

/**
 * protocol 6.8: collects garbage where that is due, and answers whether it was. What nothing refers to goes; a collection that fails
 * costs nothing but room. It takes as long as it takes: never wait for it in the loop that ticks.
 */
export async function collectIfDue({ job, settings }: GarbageRun): Promise<boolean> {
  const { ports, plan, graph } = job;
  try {
    if (!(await claimRun(ports, plan.job, settings.garbageEveryMs))) return false;
    const { deleted } = await collectGarbage(ports, {
      job: plan.job,
      retain: graph.options.checkpoints.retain,
      graceMs: settings.garbageGraceMs,
      frameRetentionMs: settings.frameRetentionMs,
      deadLetterRetentionMs: settings.deadLetterRetentionMs,
    });
    ports.telemetry.count("garbageObjects", deleted.length);
  } catch (thrown) {
    ports.telemetry.log("warn", "garbage was not collected", { error: messageOf(thrown) });
  }
  return true;
}

/** Whoever is told that a collection is due has noted it, so that nobody else is. A new job has nothing to collect yet. */
async function claimRun(ports: Ports, job: string, everyMs: number): Promise<boolean> {
  const key = rowKeys.garbageRun(job);
  const row = await ports.control.get(key);
  const last = row === undefined ? undefined : fromControlValue<LastRun>(row);
  const nowMs = ports.clock.nowMs();
  // A run that is still to come was noted by a clock ahead of ours.
  if (last !== undefined && last.startedMs <= nowMs && nowMs - last.startedMs < everyMs)
    return false;
  const value = toControlValue({ startedMs: nowMs } satisfies LastRun);
  const { written } = await ports.control.put(
    { ...key, rank: (row?.rank ?? 0) + 1, value },
    row === undefined ? { kind: "absent" } : { kind: "rank", rank: row.rank },
  );
  return written && last !== undefined;
}
