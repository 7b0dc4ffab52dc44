import type { PlannedOperator, Stage } from "./plan.ts";

/** The identity of an operator of a stage, as counters and the terminal name it. */
export function operatorName(
  stage: Pick<Stage, "id">,
  operator: Pick<PlannedOperator, "uid" | "name" | "node">,
): string {
  return `${stage.id}/${operator.uid ?? `${operator.name}-${operator.node}`}`;
}
