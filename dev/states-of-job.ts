import { deploymentError } from "../runtime/errors/millrace-error.ts";
import type { StateDeclaration } from "../runtime/graph/state-declarations.ts";
import type { Plan } from "../runtime/plan/plan.ts";
import type { Ports } from "../runtime/ports/index.ts";
import { declaredState, type DeclaredState } from "./declared-state.ts";
import { queryableState, type QueryableState } from "./queryable-state.ts";

export interface AskedJob {
  readonly ports: Ports;
  readonly plan: Plan;
  readonly isClosed: () => boolean;
}

/** The states of a job, by operator and name; each is copied once, however often it is asked for. */
export function statesOf({ ports, plan, isClosed }: AskedJob) {
  const states = new Map<string, QueryableState>();

  function stateOf(operator: string, state: string): QueryableState {
    const name = JSON.stringify([operator, state]);
    const found =
      states.get(name) ?? whileOpen(queryableState({ ports, plan }, { operator, state }));
    states.set(name, found);
    return found;
  }

  /** Whose ports are closed would answer with an error of the store. */
  const whileOpen = ({ get, range }: QueryableState): QueryableState => ({
    get: async (key) => await get(checked(key)),
    range: async (asked) => await range(checked(asked)),
  });

  function checked<Asked>(asked: Asked): Asked {
    if (!isClosed()) return asked;
    throw deploymentError("job-not-running", {
      message: `Job "${plan.job}" was closed in this process.`,
      next: "Open it again, and run it.",
    });
  }

  function answer(operator: string, state: string): QueryableState;
  function answer<D extends StateDeclaration>(
    operator: string,
    state: string,
    declaration: D,
  ): DeclaredState<D>;
  function answer(operator: string, state: string, declaration?: StateDeclaration) {
    const found = stateOf(operator, state);
    if (declaration === undefined) return found;
    return declaredState(
      { plan, state: found, clock: ports.clock },
      { operator, state },
      declaration,
    );
  }
  return answer;
}
