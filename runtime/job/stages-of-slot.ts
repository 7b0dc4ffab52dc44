import type { Stage } from "../plan/plan.ts";
import type { JobRuntime } from "./job-runtime.ts";
import type { SlotRef } from "./slot-ref.ts";

/** Which stages run in a slot. */
export function stagesOfSlot(
  job: Pick<JobRuntime, "plan">,
  slot: Pick<SlotRef, "source">,
): readonly Stage[] {
  return job.plan.stages.filter((stage) =>
    slot.source === undefined
      ? stage.kind === "exchange"
      : stage.kind !== "exchange" && stage.source === slot.source,
  );
}
