import { always, and, before, not } from "./conditions.ts";
import type { Nfa, NfaState } from "./nfa.ts";
import { connect, forbid, type NfaDraft, nfaDraft, yieldTo } from "./nfa-draft.ts";
import {
  followingOf,
  ignoreOf,
  innerIgnoreOf,
  isHeadOfOptional,
  type Place,
  proceedOf,
  stageAt,
  takeOf,
} from "./place.ts";
import { type Condition, type Stage } from "./stage.ts";

/**
 * A pattern as the automaton that Flink's NFACompiler makes of it: from its end, since a state has to know where it leads. The order of states
 * and transitions is the order in which matches are told.
 */
export function compileNfa(stages: readonly Stage[]): Nfa {
  const withinMs = shortestOf(stages);
  const compiling = { draft: nfaDraft(), withinMs };
  const final = compiling.draft.add({ stage: "", kind: "final" });
  const start = statesOf(compiling, { stages, at: stages.length - 1 }, final);
  start.kind = "start";
  return { states: compiling.draft.states, start, ...(withinMs !== undefined && { withinMs }) };
}

/** All of a match must be within the shortest time that any stage says. */
function shortestOf(stages: readonly Stage[]): number | undefined {
  const given = stages.flatMap(({ withinMs, group = [] }) => [withinMs, shortestOf(group)]);
  const known = given.filter((ms) => ms !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

interface Compiling {
  readonly draft: NfaDraft;
  readonly withinMs: number | undefined;
}

/** The states of the stages up to a place; answers the first of them. */
function statesOf(compiling: Compiling, last: Place, sink: NfaState): NfaState {
  let first = sink;
  for (let at = last.at; at >= 0; at--) first = stageStates(compiling, { ...last, at }, first);
  return first;
}

function stageStates(compiling: Compiling, place: Place, sink: NfaState): NfaState {
  switch (stageAt(place).contiguity) {
    case "notFollowedBy":
      return notFollowedByState(compiling, place, sink);
    case "notNext":
      return notNextState(compiling, place, sink);
    default: {
      const first = positiveStates(compiling, place, sink);
      forbid(compiling.draft, place, first);
      return first;
    }
  }
}

/** At the end of a pattern it waits until time is over; anywhere else those around it have it in their transitions. */
function notFollowedByState(
  { draft, withinMs }: Compiling,
  place: Place,
  sink: NfaState,
): NfaState {
  const { withinPreviousMs } = stageAt(place);
  if (sink.kind !== "final" || (withinMs ?? withinPreviousMs) === undefined) return sink;
  const condition = takeOf(place);
  const pending = draft.add({ ...takingState(place), kind: "pending" });
  connect(pending, "proceed", draft.stopOf(stageAt(place), condition), condition);
  connect(pending, "ignore", pending, not(condition));
  return pending;
}

function notNextState({ draft }: Compiling, place: Place, sink: NfaState): NfaState {
  const condition = takeOf(place);
  const state = draft.add(takingState(place));
  // At the end of a pattern an element must have come that isn't the one.
  connect(state, sink.kind === "final" ? "ignore" : "proceed", sink, not(condition));
  connect(state, "proceed", draft.stopOf(stageAt(place), condition), condition);
  return state;
}

/** A state that takes elements of a stage. */
function takingState(place: Place, isAgain = false): Pick<NfaState, "stage" | "kind" | "withinMs"> {
  const { name = "", withinPreviousMs, loopWithinMs } = stageAt(place);
  const withinMs = isAgain ? loopWithinMs : withinPreviousMs;
  return { stage: name, kind: "normal", ...(withinMs !== undefined && { withinMs }) };
}

function positiveStates(compiling: Compiling, place: Place, sink: NfaState): NfaState {
  const { quantifier, optional } = stageAt(place);
  if (quantifier === "looping") {
    const loop = loopState(compiling, place, compiling.draft.withoutForbidden(place, sink));
    return repeatedStates(compiling, place, loop, sink);
  }
  if (quantifier === "times") return repeatedStates(compiling, place, sink, sink);
  return singleState(compiling, place, {
    sink,
    proceed: sink,
    take: takeOf(place),
    ignore: ignoreOf(place),
    isOptional: optional,
    isFirst: true,
  });
}

/** The states of a stage that is taken a number of times, one behind the other. */
function repeatedStates(compiling: Compiling, place: Place, sink: NfaState, behind: NfaState) {
  const { draft } = compiling;
  const { from, to, until, greedy, optional, quantifier } = stageAt(place);
  const inner = innerIgnoreOf(place);
  const ignore = inner && before(until, inner);
  const take = before(until, takeOf(place));
  const most = quantifier === "looping" ? from : to;
  if (greedy && from !== most) {
    if (until !== undefined) draft.untilCopies.set(sink, draft.copy(sink));
    yieldTo(take, sink);
  }
  let first = sink;
  for (let count = from; count < most; count++)
    first = again(first, { proceed: behind, isOptional: true });
  for (let count = 1; count < from; count++)
    first = again(first, { proceed: behind, isOptional: false });
  return singleState(compiling, place, {
    sink: first,
    proceed: behind,
    take,
    ignore: ignoreOf(place),
    isOptional: optional,
    isFirst: true,
  });

  function again(next: NfaState, how: Pick<Single, "proceed" | "isOptional">): NfaState {
    const state = singleState(compiling, place, {
      sink: next,
      take,
      ignore,
      isFirst: false,
      ...how,
    });
    forbidFollowing(draft, place, state);
    return state;
  }
}

interface Single {
  readonly sink: NfaState;
  /** Where it leads without an element, if it is optional. */
  readonly proceed: NfaState;
  readonly take: Condition;
  readonly ignore: Condition | undefined;
  readonly isOptional: boolean;
  /** None of the stage's elements has been taken. */
  readonly isFirst: boolean;
}

/** The state that takes one element of a stage, or the states of a group. */
function singleState(compiling: Compiling, place: Place, single: Single): NfaState {
  const stage = stageAt(place);
  const { sink, proceed, take, ignore, isOptional, isFirst } = single;
  if (stage.group !== undefined) {
    const first = groupStates(compiling, place, sink, isFirst);
    if (isOptional) connect(first, "proceed", proceed, proceedOf(place));
    return first;
  }
  const { draft } = compiling;
  const state = draft.add(takingState(place, !isFirst));
  const taken = draft.withoutForbidden(place, sink);
  connect(state, "take", taken, take);
  if (isOptional) connectProceed(draft, place, state, proceed);
  if (ignore === undefined) return state;
  if (!isOptional && !isHeadOfOptional(place)) {
    connect(state, "ignore", state, ignore);
    return state;
  }
  // Once an element was passed over it waits for its own, and does not proceed.
  const waiting = draft.add(takingState(place, !isFirst));
  connect(waiting, "take", taken, take);
  connect(waiting, "ignore", waiting, ignore);
  forbid(draft, place, waiting);
  connect(state, "ignore", waiting, ignore);
  return state;
}

function connectProceed(draft: NfaDraft, place: Place, state: NfaState, proceed: NfaState): void {
  const { greedy, until } = stageAt(place);
  const condition = proceedOf(place);
  const untilCopy = draft.untilCopies.get(proceed);
  if (!greedy || until === undefined || untilCopy === undefined) {
    connect(state, "proceed", proceed, condition);
    return;
  }
  connect(state, "proceed", untilCopy, and(condition, until));
  connect(state, "proceed", proceed, and(condition, not(until)));
}

function groupStates(compiling: Compiling, place: Place, sink: NfaState, isFirst: boolean) {
  const stage = stageAt(place);
  const stages = stage.group as readonly Stage[];
  const group = { stage, isFirst, following: followingOf(place) };
  return statesOf(compiling, { stages, at: stages.length - 1, group }, sink);
}

/** The state in which a loop is once it has all that it needs: it takes more, or proceeds. */
function loopState(compiling: Compiling, place: Place, sink: NfaState): NfaState {
  const { draft } = compiling;
  const { group, until, greedy } = stageAt(place);
  if (group !== undefined) return groupLoop(compiling, place, sink);
  const inner = innerIgnoreOf(place);
  const ignore = inner && before(until, inner);
  const take = before(until, takeOf(place));
  const condition = proceedOf(place);
  const state = draft.add(takingState(place, true));
  if (greedy) {
    if (until !== undefined) {
      draft.untilCopies.set(sink, draft.copy(sink));
      connectProceed(draft, place, state, sink);
    } else connect(state, "proceed", sink, condition);
    yieldTo(takeOf(place), sink);
  } else connect(state, "proceed", sink, condition);
  connect(state, "take", state, take);
  forbidFollowing(draft, place, state);
  if (ignore === undefined) return state;
  const waiting = draft.add(takingState(place, true));
  connect(waiting, "take", state, take);
  connect(waiting, "ignore", waiting, ignore);
  connect(state, "ignore", waiting, ignore);
  forbidFollowing(draft, place, waiting);
  return state;
}

function groupLoop(compiling: Compiling, place: Place, sink: NfaState): NfaState {
  const end = compiling.draft.add(takingState(place));
  const first = groupStates(compiling, place, end, false);
  connect(first, "proceed", sink, always);
  connect(end, "proceed", first, always);
  return first;
}

/** A loop ends where what must not follow it comes. */
function forbidFollowing(draft: NfaDraft, place: Place, state: NfaState): void {
  const following = followingOf(place);
  if (following?.contiguity !== "notFollowedBy") return;
  const condition = takeOf(place, following);
  connect(state, "proceed", draft.stopOf(following, condition), condition);
}
