import { inputError } from "../runtime/errors/millrace-error.ts";
import { combineOwnWatermarks } from "../runtime/exchange/watermark.ts";
import { type SlotProgress, written } from "../runtime/job/progress.ts";
import { ownerOfSlot } from "../runtime/job/slot-ref.ts";
import { jobProgress } from "../runtime/observe/job-progress.ts";
import { operatorName, ownerOfStage } from "../runtime/plan/operator-name.ts";
import type { Plan, PlannedOperator, Stage } from "../runtime/plan/plan.ts";
import type { RunJob } from "./found-job.ts";
import { operatorView } from "./plan-view.ts";
import type { OperatorView } from "./schemas/plan.ts";
import { operatorViews } from "./status-view.ts";

/** @throws MillraceError `operator-unknown` */
export function operatorOf(run: RunJob, asked: string, nowMs: number): OperatorView {
  const { stage, operator } = findOperator(run.plan, asked);
  const name = operatorName(stage, operator);
  const owner = ownerOfStage(stage);
  const progress = operatorViews(jobProgress(run.plan, run.rows, nowMs));
  const slots = run.rows.filter(({ slot, sealed }) => !sealed && ownerOfSlot(slot) === owner);
  return {
    operator: operatorView(run, stage, operator),
    progress: progress.find((one) => one.name === name)!,
    slots: slots.map((row) => inSlot(row, stage, name)),
  };
}

function inSlot(row: SlotProgress, stage: Stage, name: string): OperatorView["slots"][number] {
  const { slot, counters, stateBytesByOperator, watermarks } = row;
  const [received, late] = counters.operators[name] ?? [0, 0];
  const { ms, idle } = combineOwnWatermarks([watermarks[stage.id]]);
  return {
    slot,
    received,
    late,
    stateBytes: stateBytesByOperator?.[name] ?? 0,
    deadLetters: counters.deadLettersByOperator?.[name] ?? 0,
    watermarkMs: written(ms),
    idle,
  };
}

function findOperator(
  { job, stages }: Plan,
  asked: string,
): { readonly stage: Stage; readonly operator: PlannedOperator } {
  const all = stages.flatMap((stage) => stage.operators.map((operator) => ({ stage, operator })));
  const found =
    all.find(({ stage, operator }) => operatorName(stage, operator) === asked) ??
    all.find(({ operator }) => operator.uid === asked);
  if (found !== undefined) return found;
  throw inputError("operator-unknown", {
    message: `Job "${job}" has no operator "${asked}".`,
    next: "GET /jobs/<job>/plan lists them: each is named by its name there, or by its uid.",
  });
}
