import type { JobDefinition } from "../runtime/api/job.ts";
import { buildPlan } from "../runtime/planner/build-plan.ts";
import { explainMermaid } from "../runtime/plan/explain-mermaid.ts";
import { explainText } from "../runtime/plan/explain.ts";
import type { Plan } from "../runtime/plan/plan.ts";

export interface ExplainOptions {
  /** The plan as it is: JSON. */
  readonly json?: boolean;
  /** A Mermaid flowchart, for example for a README. */
  readonly mermaid?: boolean;
}

/**
 * What `millrace explain` prints: how the job will run, as text unless an option says otherwise.
 * @throws MillraceError where the job is not valid.
 */
export function explain(job: JobDefinition, options: ExplainOptions = {}): string {
  return explainPlan(buildPlan(job.graph), options);
}

/** The same for a plan that is there already. */
export function explainPlan(plan: Plan, { json, mermaid }: ExplainOptions = {}): string {
  if (json === true) return `${JSON.stringify(plan, null, 2)}\n`;
  return mermaid === true ? explainMermaid(plan) : explainText(plan);
}
