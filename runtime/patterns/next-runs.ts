import type { Nfa, NfaState, Transition } from "./nfa.ts";
import { notBegun, type Run } from "./run.ts";
import type { SharedBuffer } from "./shared-buffer.ts";
import type { Condition } from "./stage.ts";

/** The element in hand. */
export interface Incoming {
  readonly value: unknown;
  readonly timestampMs: number;
  readonly event: number;
  nextNode(): number;
}

/** Whether a condition holds of the element in hand, for one run. */
export type Holds = (condition: Condition) => boolean;

/** A run, in the state that it has come to. Each holds its node. */
export interface Stepped {
  readonly state: NfaState;
  readonly run: Run;
}

/** What becomes of a run by an element. It still holds its own node. */
export function nextRuns(
  { states, start }: Nfa,
  buffer: SharedBuffer,
  run: Run,
  element: Incoming,
  holds: Holds,
): readonly Stepped[] {
  const [index, node, startEvent, startMs, previousMs] = run;
  const state = states[index] as NfaState;
  const isStart = startEvent === notBegun;
  const next: Stepped[] = [];

  function add(target: NfaState, rest: readonly [number, number, number, number]): void {
    buffer.hold(rest[0]);
    next.push({ state: target, run: [target.index, ...rest] });
  }

  for (const { source, action, target } of transitionsOf(state, holds)) {
    if (action === "ignore") {
      if (!isStart) add(target, [node, startEvent, startMs, previousMs]);
      continue;
    }
    const { event, timestampMs, value } = element;
    const taken = element.nextNode();
    buffer.put(taken, { stage: source.stage, event, value }, node);
    const rest = [
      taken,
      isStart ? event : startEvent,
      isStart ? timestampMs : startMs,
      timestampMs,
    ] as const;
    add(target, rest);
    const final = finalBehind(target, holds);
    if (final !== undefined) add(final, rest);
  }
  if (isStart) next.push({ state: start, run });
  return next;
}

interface Found extends Transition {
  readonly source: NfaState;
}

/** The transitions that the element makes, through states that proceed. */
function transitionsOf(from: NfaState, holds: Holds): readonly Found[] {
  const found: Found[] = [];
  const stack = [from];
  for (let state = stack.pop(); state !== undefined; state = stack.pop())
    for (const transition of state.transitions) {
      if (!holds(transition.condition)) continue;
      if (transition.action === "proceed") stack.push(transition.target);
      else found.push({ ...transition, source: state });
    }
  return found;
}

/** The end, if it can be reached without another element. */
function finalBehind(from: NfaState, holds: Holds): NfaState | undefined {
  const stack = [from];
  for (let state = stack.pop(); state !== undefined; state = stack.pop())
    for (const { action, target, condition } of state.transitions) {
      if (action !== "proceed" || !holds(condition)) continue;
      if (target.kind === "final") return target;
      stack.push(target);
    }
  return undefined;
}
