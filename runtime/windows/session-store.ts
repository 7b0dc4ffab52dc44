import type { KeyedRuntime } from "../operators/contract.ts";
import { sessionsName } from "../plan/state-names.ts";
import type { StateEntry } from "../state/state-entry.ts";
import type { WindowContents } from "./window-contents.ts";
import type { KeptWindow } from "./window-results.ts";

/** What is kept of a session, under its start. */
export interface KeptSession extends KeptWindow {
  endMs: number;
}

interface StoreParts {
  readonly runtime: KeyedRuntime;
  readonly contents: WindowContents;
  readonly onLoad: (entry: StateEntry) => void;
}

/** The sessions of the key in hand. They neither overlap nor touch each other. */
export function sessionStore(operator: string, { runtime, contents, onLoad }: StoreParts) {
  const { state } = runtime;
  const cell = state.declare(operator, sessionsName, { kind: "map", onLoad });

  return {
    /** Sessions that overlap or touch [startMs, endMs), the earliest first (Flink: TimeWindow.intersects). */
    at(startMs: number, endMs: number): StateEntry[] {
      const found: StateEntry[] = [];
      for (const entry of state.mapEntries(runtime.current, cell)) {
        if ((entry.mapKey as number) > endMs) continue;
        if ((entry.value as KeptSession).endMs >= startMs) found.push(entry);
      }
      return found.length > 1 ? found.sort(byStart) : found;
    },
    /** Keeps a session under its start. */
    put(startMs: number, kept: KeptSession): StateEntry {
      const entry = state.mapEntry(runtime.current, cell, startMs);
      entry.value = kept;
      return entry;
    },
    /** Merges the later sessions into the first, which keeps its place. */
    merge(sessions: readonly StateEntry[]): KeptSession {
      const kept = (sessions[0] as StateEntry).value as KeptSession;
      for (const other of sessions.slice(1)) {
        const swallowed = other.value as KeptSession;
        kept.accumulator = contents.merge(kept.accumulator, swallowed.accumulator);
        other.remove();
      }
      return kept;
    },
  };
}

function byStart(left: StateEntry, right: StateEntry): number {
  return (left.mapKey as number) - (right.mapKey as number);
}
