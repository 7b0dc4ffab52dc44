import type { JobDefinition } from "../runtime/api/job.ts";
import { buildPlan } from "../runtime/plan/build-plan.ts";
import { explainMermaid } from "../runtime/plan/explain-mermaid.ts";
import { explainText } from "../runtime/plan/explain.ts";

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
export function explain(job: JobDefinition, { json, mermaid }: ExplainOptions = {}): string {
  const plan = buildPlan(job.graph);
  if (json === true) return `${JSON.stringify(plan, null, 2)}\n`;
  return mermaid === true ? explainMermaid(plan) : explainText(plan);
}
