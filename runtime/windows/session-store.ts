import type { KeyedRuntime } from "../operators/contract.ts";
import { sessionsName } from "../plan/state-names.ts";
import type { DueTimer } from "../state/timer-queue.ts";
import type { MapEntry } from "../state/keyed-state.ts";
import type { WindowContents } from "./window-contents.ts";
import type { KeptWindow } from "./window-results.ts";

/** What is kept of a session, under its start. */
export interface KeptSession extends KeptWindow {
  endMs: number;
}

/** A session under its start. */
export type SessionEntry = MapEntry<number, KeptSession>;

interface StoreParts {
  readonly runtime: KeyedRuntime;
  readonly contents: WindowContents;
  readonly onLoad: (entry: SessionEntry) => void;
}

/** The sessions of the key in hand. They neither overlap nor touch each other. */
export function sessionStore(operator: string, { runtime, contents, onLoad }: StoreParts) {
  const { state } = runtime;
  const cell = state.declareMap<number, KeptSession>(
    { uid: operator, name: sessionsName },
    { onLoad },
  );

  return {
    /** Sessions that overlap or touch [startMs, endMs), the earliest first (Flink: TimeWindow.intersects). */
    at(startMs: number, endMs: number): SessionEntry[] {
      const found: SessionEntry[] = [];
      for (const entry of state.mapEntries(runtime.current, cell)) {
        if (entry.mapKey > endMs) continue;
        if (entry.value.endMs >= startMs) found.push(entry);
      }
      return found.length > 1 ? found.sort(byStart) : found;
    },
    /** The session whose timer has come due. */
    of({ record, mapKey }: DueTimer): SessionEntry | undefined {
      return state.findMapEntry(record, cell, mapKey as number);
    },
    /** Keeps a session under its start. */
    put(startMs: number, kept: KeptSession): SessionEntry {
      const entry = state.mapEntry(runtime.current, cell, startMs);
      entry.value = kept;
      return entry;
    },
    /** Merges the later sessions into the first, which keeps its place. */
    merge(sessions: readonly SessionEntry[]): KeptSession {
      const kept = (sessions[0] as SessionEntry).value;
      for (const other of sessions.slice(1)) {
        const swallowed = other.value;
        kept.accumulator = contents.merge(kept.accumulator, swallowed.accumulator);
        other.remove();
      }
      return kept;
    },
  };
}

function byStart(left: SessionEntry, right: SessionEntry): number {
  return left.mapKey - right.mapKey;
}
