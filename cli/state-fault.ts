import { isMillraceError } from "../runtime/errors/millrace-error.ts";
import { compareStates } from "../runtime/plan/compare-states.ts";
import type { Plan } from "../runtime/plan/plan.ts";
import { savedStatesOf } from "../runtime/plan/saved-states.ts";

/** What of the state of one version the other one can't take; undefined where it takes all of it. */
export function stateFault(from: Plan, to: Plan): string | undefined {
  try {
    compareStates(savedStatesOf(from), to, { allowNonRestoredState: false });
    return undefined;
  } catch (thrown) {
    if (isMillraceError(thrown)) return thrown.message;
    throw thrown;
  }
}
