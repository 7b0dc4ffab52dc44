import { and, not } from "./conditions.ts";
import type { NfaState, Transition } from "./nfa.ts";
import { forbiddenBefore, type Place, stageAt, takeOf } from "./place.ts";
import type { Condition, Stage } from "./stage.ts";

type New = Pick<NfaState, "stage" | "kind" | "withinMs">;

/** The states that there are so far. */
export interface NfaDraft {
  readonly states: readonly NfaState[];
  add(state: New): NfaState;
  /** The state that forbids a match: one for each stage that must not come. */
  stopOf(stage: Stage, condition: Condition): NfaState;
  copy(state: NfaState): NfaState;
  /** What a state leads to once it was reached by a stage that could have been left out: what was forbidden before that is allowed now. */
  withoutForbidden(place: Place, state: NfaState): NfaState;
  /** What a state was copied to, for when its loop has been told to end. */
  readonly untilCopies: Map<NfaState, NfaState>;
}

export function nfaDraft(): NfaDraft {
  const states: NfaState[] = [];
  const stops = new Map<Stage, NfaState>();
  const untilCopies = new Map<NfaState, NfaState>();

  function add({ stage, kind, withinMs }: New): NfaState {
    const within = withinMs === undefined ? {} : { withinMs };
    const state: NfaState = { index: states.length, stage, kind, transitions: [], ...within };
    states.push(state);
    return state;
  }

  function stopOf(stage: Stage, condition: Condition): NfaState {
    let stop = stops.get(stage);
    if (stop === undefined) {
      stops.set(stage, (stop = add({ stage: stage.name ?? "", kind: "stop" })));
      connect(stop, "take", stop, condition);
    }
    return stop;
  }

  function copy(state: NfaState): NfaState {
    const made = add(state);
    for (const { action, target, condition } of state.transitions)
      connect(made, action, target === state ? made : target, condition);
    return made;
  }

  function withoutForbidden(place: Place, state: NfaState): NfaState {
    const forbidden = forbiddenBefore(place);
    if (forbidden.length === 0 || !stageAt(place).optional) return state;
    const forbids = (target: NfaState) => forbidden.some((stage) => stops.get(stage) === target);
    const made = add(state);
    for (const { action, target, condition } of state.transitions) {
      if (action !== "proceed") connect(made, action, target === state ? made : target, condition);
      else if (target.kind === "stop") {
        if (!forbids(target)) connect(made, action, target, condition);
      } else connect(made, action, withoutForbidden(place, target), condition);
    }
    return made;
  }

  return { states, add, stopOf, copy, withoutForbidden, untilCopies };
}

export function connect(
  from: NfaState,
  action: Transition["action"],
  target: NfaState,
  condition: Condition,
): void {
  from.transitions.push({ action, target, condition });
}

/** Nothing of what stands behind a greedy loop happens by an element that the loop can take. */
export function yieldTo(take: Condition, state: NfaState): void {
  for (const transition of state.transitions)
    transition.condition = and(transition.condition, not(take));
}

/** A match in the state ends where one of the stages that must not come does. */
export function forbid(draft: NfaDraft, place: Place, state: NfaState): void {
  for (const stage of forbiddenBefore(place)) {
    const condition = takeOf(place, stage);
    connect(state, "proceed", draft.stopOf(stage, condition), condition);
  }
}
