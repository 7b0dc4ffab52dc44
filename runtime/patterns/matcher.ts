import type { AfterMatch } from "../graph/pattern.ts";
import { type MatchQueue, offer } from "./match-queue.ts";
import type { Nfa, NfaState } from "./nfa.ts";
import { type Incoming, nextRuns } from "./next-runs.ts";
import { hasBegun, type KeptRuns, notBegun, type Run } from "./run.ts";
import type { SharedBuffer, Taken } from "./shared-buffer.ts";
import { settleMatches } from "./settle-matches.ts";
import type { Condition } from "./stage.ts";

export type Matched = readonly Taken[];

export interface TimedOut {
  readonly elements: Matched;
  readonly timestampMs: number;
}

export interface Matcher {
  readonly first: Run;
  /** Shows an element to all runs; answers what has matched. `holds` tells whether a condition holds for a run. */
  take(
    kept: KeptRuns,
    element: Pick<Incoming, "value" | "timestampMs">,
    holds: (condition: Condition, run: Run) => boolean,
  ): readonly Matched[];
  /** Ends the runs whose time is over; answers what has matched by that, and what has not. */
  advance(
    kept: KeptRuns,
    toMs: number,
  ): { readonly matches: readonly Matched[]; readonly timedOut: readonly TimedOut[] };
  /** When the first run's time is over; +Infinity: never. */
  firstEndMs(kept: KeptRuns): number;
}

/** Runs of an automaton over the elements of a key, with the semantics of Flink's NFA. */
export function matcher(nfa: Nfa, buffer: SharedBuffer, afterMatch: AfterMatch<string>): Matcher {
  const stateOf = ([index]: Run): NfaState => nfa.states[index] as NfaState;
  const release = ([, node]: Run): void => buffer.release(node);

  /** When a run is over: by what it waits for, or as a whole. */
  function endOf(run: Run): number {
    if (!hasBegun(run)) return Infinity;
    const [, , , startMs, previousMs] = run;
    const { withinMs = Infinity } = stateOf(run);
    return Math.min(previousMs + withinMs, startMs + (nfa.withinMs ?? Infinity));
  }

  return {
    first: [nfa.start.index, notBegun, notBegun, 0, 0],
    take(kept, given, holds) {
      const element = { ...given, event: kept.nextEvent, nextNode: () => kept.nextNode++ };
      const nodesBefore = kept.nextNode;
      const open: MatchQueue = [];
      const done: MatchQueue = [];
      for (const run of kept.open) {
        const next = nextRuns(nfa, buffer, run, element, (condition) => holds(condition, run));
        const isStopped = next.some(({ state }) => state.kind === "stop");
        for (const { state, run: to } of next) {
          if (state.kind === "final") offer(done, to);
          else if (isStopped && hasBegun(to)) release(to);
          else if (!isStopped) offer(open, to);
        }
        release(run);
      }
      if (kept.nextNode > nodesBefore) kept.nextEvent += 1;
      kept.open = open;
      for (const run of done) offer(kept.done, run);
      return settleMatches(kept, buffer, afterMatch);
    },
    advance(kept, toMs) {
      if (!kept.open.some((run) => endOf(run) <= toMs)) return { matches: [], timedOut: [] };
      const timedOut: TimedOut[] = [];
      const open: MatchQueue = [];
      const pending: MatchQueue = [];
      for (const run of kept.open) {
        const endMs = endOf(run);
        if (endMs > toMs) offer(open, run);
        else if (stateOf(run).kind === "pending") offer(pending, run);
        else {
          timedOut.push({ elements: buffer.elementsOf(run[1]), timestampMs: endMs });
          release(run);
        }
      }
      kept.open = open;
      for (const run of pending) offer(kept.done, run);
      return { matches: settleMatches(kept, buffer, afterMatch), timedOut };
    },
    firstEndMs: ({ open }) => open.reduce((first, run) => Math.min(first, endOf(run)), Infinity),
  };
}
