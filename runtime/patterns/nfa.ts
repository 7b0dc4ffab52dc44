import type { Condition } from "./stage.ts";

/**
 * What may become of a match in a state when an element comes: it takes the element, it passes over it, or it proceeds, and the element is
 * shown to the target.
 */
export interface Transition {
  readonly action: "take" | "ignore" | "proceed";
  readonly target: NfaState;
  condition: Condition;
}

/**
 * "final" ends a match, "stop" forbids it; one that is "pending" when its time is over has matched. "start" is where all begin.
 */
export interface NfaState {
  readonly index: number;
  /** Stage that takes its elements. */
  readonly stage: string;
  kind: "start" | "normal" | "final" | "stop" | "pending";
  readonly transitions: Transition[];
  /** How long after the element before it waits, at most. */
  readonly withinMs?: number;
}

/** A pattern, ready to be looked for. */
export interface Nfa {
  readonly states: readonly NfaState[];
  readonly start: NfaState;
  /** From the first element of a match to its last. */
  readonly withinMs?: number;
}
