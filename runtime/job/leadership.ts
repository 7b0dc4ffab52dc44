import { rowKeys } from "../layout/names.ts";
import type { Ports } from "../ports/index.ts";
import { fromControlValue } from "../serde/control-value.ts";

/** What the coordinator's lease says of the process that leads a job. */
export interface Leadership {
  /** Until then somebody leads; 0 where the lease was given back. */
  readonly untilMs: number;
  /** When it was given back. */
  readonly releasedMs?: number;
  /** It was given back because the process was told to stop. */
  readonly stopped?: boolean;
}

/** A deployed job is led again with the next minute's start; two may be missed. */
const betweenLeadersMs = 150_000;

/**
 * Whether somebody leads a job, or will in a moment. False where the process that did was stopped, or is gone without a word: the job
 * has not ended, and goes on with the next process.
 */
export async function isLed(
  { control, clock }: Pick<Ports, "control" | "clock">,
  job: string,
): Promise<boolean> {
  const row = await control.get(rowKeys.lease(job));
  if (row === undefined) return false;
  const { untilMs, releasedMs, stopped } = fromControlValue<Leadership>(row);
  if (stopped === true) return false;
  return clock.nowMs() <= Math.max(untilMs, releasedMs ?? 0) + betweenLeadersMs;
}
