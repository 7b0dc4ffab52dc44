import { loadPlan } from "../bundle/index.ts";
import { parseJobArguments } from "./arguments.ts";
import { explainPlan } from "./explain.ts";
import { UsageError } from "./usage-error.ts";

const definitions = {
  json: { type: "boolean", default: false },
  mermaid: { type: "boolean", default: false },
} as const;

/** `millrace explain`: prints the plan of the job that a file exports. Answers the exit code. */
export function explainCommand(args: readonly string[]): number {
  const { jobFile, values } = parseJobArguments("explain", args, definitions);
  if (values.json && values.mermaid)
    throw new UsageError("--json and --mermaid exclude each other.");
  process.stdout.write(explainPlan(loadPlan(jobFile), values));
  return 0;
}
