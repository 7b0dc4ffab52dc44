import { exchangeSlots, type PlannedOperator, type Stage } from "./plan.ts";

/** The identity of an operator of a stage, as counters and the terminal name it. */
export function operatorName(
  stage: Pick<Stage, "id">,
  operator: Pick<PlannedOperator, "uid" | "name" | "node">,
): string {
  return `${stage.id}/${operator.uid ?? `${operator.name}-${operator.node}`}`;
}

/** Whose slots a stage runs in: a source's uid, or {@link exchangeSlots}. */
export function ownerOfStage({ kind, source }: Pick<Stage, "kind" | "source">): string {
  return kind === "exchange" || source === undefined ? exchangeSlots : source;
}
