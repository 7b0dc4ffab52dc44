import { inputError } from "../errors/millrace-error.ts";
import type { Plan, PlannedState, Stage } from "../plan/plan.ts";

/** A state that operators keep for each key. */
export interface KeyedState {
  readonly stage: Stage;
  /** Uid of the operator. */
  readonly operator: string;
  readonly state: PlannedState;
}

/** All states that are of keys: what is broadcast has none. */
export const keyedStatesOf = ({ stages }: Plan): readonly KeyedState[] =>
  stages.flatMap((stage) =>
    stage.operators.flatMap(({ uid, name, states = [] }) =>
      states
        .filter(({ kind }) => kind !== "broadcast")
        .map((state) => ({ stage, operator: uid ?? name, state })),
    ),
  );

/** So many are named where there is none of a name. */
const shownMax = 20;

/** @throws MillraceError `state-not-in-job` */
export function findKeyedState(
  plan: Plan,
  asked: { readonly operator: string; readonly state: string },
): KeyedState {
  const all = keyedStatesOf(plan);
  const found = all.find(
    ({ operator, state }) => operator === asked.operator && state.name === asked.state,
  );
  if (found !== undefined) return found;
  const names = all.slice(0, shownMax).map(({ operator, state }) => `${operator}/${state.name}`);
  throw inputError("state-not-in-job", {
    message: `Job "${plan.job}" has no state "${asked.state}" of operator "${asked.operator}"; ${names.length === 0 ? "there is none" : `there are ${names.join(", ")}`}.`,
    next: "Give one of these names.",
  });
}
