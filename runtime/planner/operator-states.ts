import type { Node } from "../graph/node.ts";
import { statesOf } from "../operators/registry.ts";
import type { PlannedState } from "../plan/plan.ts";

/** What an operator keeps, as a plan holds it. */
export function plannedStates(node: Node): readonly PlannedState[] {
  return statesOf(node).map(({ migrate, ...state }) => ({
    ...state,
    ...(migrate !== undefined && { migrates: true as const }),
  }));
}
