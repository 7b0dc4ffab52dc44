import { loadPlan } from "../bundle/index.ts";
import type { ExplainGiven } from "./commands/explain.ts";
import { explainPlan } from "./explain.ts";
import { UsageError } from "./usage-error.ts";

/** `millrace explain`: prints the plan of the job that a file exports. Answers the exit code. */
export function explainCommand({ values, args: [jobFile] }: ExplainGiven): number {
  if (values.json && values.mermaid)
    throw new UsageError("--json and --mermaid exclude each other.");
  process.stdout.write(explainPlan(loadPlan(jobFile), values));
  return 0;
}
