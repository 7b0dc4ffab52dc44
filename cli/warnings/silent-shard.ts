import type { PlannedSource } from "../../runtime/plan/plan.ts";
import type { SlotProgress } from "../../runtime/job/progress.ts";
import type { RunSample, RunWarning } from "./run-sample.ts";

/** A shard may take its time to get its first element. */
const afterMs = 5_000;

/** A shard that has had no element yet holds back the watermark of all that is behind its source, while others go on. */
export function silentShard({ plan, slots, elapsedMs, isOver }: RunSample): RunWarning | undefined {
  if (isOver || elapsedMs < afterMs || !plan.stages.some(isStateful)) return undefined;
  for (const source of plan.sources) {
    if (source.idleAfterMs !== undefined) continue;
    const own = slots.filter(({ slot, sealed }) => !sealed && slot.startsWith(`${source.uid}/`));
    const silent = own.filter((slot) => slot.lastElementMs === undefined && !slot.ended);
    if (silent.length === 0 || silent.length === own.length) continue;
    return warningOf(source, silent);
  }
  return undefined;
}

const isStateful = ({ operators }: RunSample["plan"]["stages"][number]): boolean =>
  operators.some(({ stateful }) => stateful);

function warningOf({ uid }: PlannedSource, silent: readonly SlotProgress[]): RunWarning {
  const names = silent.map(({ slot }) => slot).join(", ");
  return {
    code: "silent-shard",
    message: `No element has come from ${names} yet, so the watermark of source "${uid}" stands still and no window behind it fires. Give its watermarks idleAfter, for example idleAfter: { minutes: 1 }, or feed all shards (--shards 1, or another --key).`,
  };
}
