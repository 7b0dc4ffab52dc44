import type { JobProgress } from "../../runtime/observe/job-progress.ts";
import type { SlotProgress } from "../../runtime/job/progress.ts";
import type { Plan } from "../../runtime/plan/plan.ts";

/** A look at a run. */
export interface RunSample {
  readonly plan: Plan;
  readonly progress: JobProgress;
  readonly slots: readonly SlotProgress[];
  /** Since the run began. */
  readonly elapsedMs: number;
  /** Whether any input feeds the job. */
  readonly isFed: boolean;
  readonly isOver: boolean;
}

/** Something that a user is told once, with what to do about it. */
export interface RunWarning {
  readonly code: string;
  readonly message: string;
}
