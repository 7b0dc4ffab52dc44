import { compareStates } from "../runtime/plan/compare-states.ts";
import { type SavedStates, savedStatesOf } from "../runtime/plan/saved-states.ts";
import { migratorsOf } from "../runtime/planner/migrators-of.ts";
import { packMessage, unpackMessage } from "../runtime/serde/msgpack.ts";
import type { BroadcastDelta } from "../runtime/state/broadcast-delta.ts";
import { migrateBroadcast } from "../runtime/state/migrate-broadcast.ts";
import { migrateDelta } from "../runtime/state/migrate-delta.ts";
import type { StateDelta } from "../runtime/state/state-delta.ts";
import type { HarnessJob } from "./harness-job.ts";
import type { HarnessStages } from "./harness-stages.ts";

/** What a harness has kept: bytes, as a savepoint holds them. For `restore` of this or another harness. */
export interface HarnessSnapshot {
  readonly bytes: Uint8Array;
}

/** How far an input has come. */
export interface InputTime {
  readonly ms: number;
  readonly idle: boolean;
}

interface Snapshot {
  /** As JSON, which is how a checkpoint keeps it. */
  readonly saved: string;
  readonly deltas: readonly StateDelta[];
  /** Each subtask's copy of what was broadcast to its stage. */
  readonly broadcast: readonly BroadcastDelta[];
  readonly times: readonly InputTime[];
  readonly nowMs: number;
}

/** What a harness is besides its state. */
export type HarnessClocks = Pick<Snapshot, "times" | "nowMs">;

export function snapshotOf(
  { plan }: HarnessJob,
  { subtasks }: HarnessStages,
  clocks: HarnessClocks,
): HarnessSnapshot {
  const all = [...subtasks.values()];
  const snapshot: Snapshot = {
    saved: JSON.stringify(savedStatesOf(plan)),
    deltas: all.flat().map(({ state }) => state.snapshot()),
    // All have the same.
    broadcast: all.flatMap(([first]) => first?.broadcast.snapshot() ?? []),
    ...clocks,
  };
  return { bytes: packMessage(snapshot) };
}

/**
 * Fills subtasks with what another harness has kept: one of the same job, with any number of subtasks, or of another version of it.
 * @throws MillraceError `state-incompatible`, `state-not-restored`, `state-migration-failed`
 */
export function restoreInto(
  { graph, plan }: HarnessJob,
  { subtasks, ownerOf }: HarnessStages,
  { bytes }: HarnessSnapshot,
): HarnessClocks {
  const { saved, deltas, broadcast, times, nowMs } = unpackMessage(bytes) as Snapshot;
  const states = JSON.parse(saved) as SavedStates;
  const mapping = compareStates(states, plan, { allowNonRestoredState: false });
  const migrators = migratorsOf(graph);
  for (const delta of deltas.flatMap((one) => migrateDelta(one, mapping, migrators)))
    for (const [at, { state }] of subtasks.get(delta.stage)?.entries() ?? [])
      state.apply(delta, ({ group }) => ownerOf(group) === at);
  for (const delta of broadcast.flatMap((one) => migrateBroadcast(one, mapping, migrators) ?? []))
    for (const subtask of subtasks.get(delta.stage) ?? []) subtask.broadcast.apply(delta);
  return { times, nowMs };
}
