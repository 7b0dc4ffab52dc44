import type { KeyValue } from "../runtime/graph/key-value.ts";
import { findKeyedState } from "../runtime/savepoints/keyed-states.ts";
import { mergeDelta } from "../runtime/savepoints/merge-delta.ts";
import { cellParts, matches, type StateRow } from "../runtime/savepoints/state-row.ts";
import { keyIdentity } from "../runtime/serde/key-identity.ts";
import { timerText } from "../runtime/state/timer-name.ts";
import type { HarnessJob } from "./harness-job.ts";
import type { HarnessStages } from "./harness-stages.ts";

/** What a state holds. */
export interface HarnessState {
  /** Of a key: one entry for a value, one for each entry of a map, a list or a window. */
  get(key: KeyValue): readonly Pick<StateRow, "mapKey" | "value">[];
  /** Of all keys. */
  rows(): readonly StateRow[];
}

/** A timer that is armed. */
export interface HarnessTimer {
  /** Uid of the operator. */
  readonly operator: string;
  readonly key: KeyValue;
  /** Of a process function "event:name" or "processing:name", with its id where it has one; of a window its name. */
  readonly name: string;
  readonly domain: "event" | "processing";
  readonly timeMs: number;
}

/** @throws MillraceError `state-not-in-job` */
export function stateOf(
  { plan }: HarnessJob,
  { subtasks }: HarnessStages,
  names: { readonly operator: string; readonly state: string },
): HarnessState {
  const { stage } = findKeyedState(plan, names);
  const rows = (): readonly StateRow[] => {
    const found = new Map<string, StateRow>();
    for (const { state } of subtasks.get(stage.id) ?? [])
      mergeDelta(found, state.snapshot(), (cell) => matches(cell, names));
    return [...found.values()];
  };
  return {
    rows,
    get(key) {
      const wanted = keyIdentity(key);
      return rows()
        .filter((row) => row.key !== undefined && keyIdentity(row.key) === wanted)
        .map(({ mapKey, value }) => ({ ...(mapKey !== undefined && { mapKey }), value }));
    },
  };
}

/** By time. */
export function timersOf({ subtasks }: HarnessStages): readonly HarnessTimer[] {
  const timers: HarnessTimer[] = [];
  for (const { state, eventTimers, processingTimers } of [...subtasks.values()].flat())
    for (const [domain, queue] of [
      ["event", eventTimers],
      ["processing", processingTimers],
    ] as const)
      for (const { record, cell, mapKey, timeMs } of queue.all())
        timers.push({
          operator: cellParts(state.cellNames()[cell] ?? "").operator,
          key: record.key,
          name: timerText(mapKey),
          domain,
          timeMs,
        });
  return timers.sort((one, other) => one.timeMs - other.timeMs);
}
