import type { JobRuntime } from "../../job/job-runtime.ts";
import { ownsKeyOf } from "../../job/ownership.ts";
import type { SlotMeta } from "../../job/slot-meta.ts";
import type { Subtask } from "../../operators/subtask.ts";

/** Gives a stage the floors of its keys. */
export function adoptFloors(subtask: Subtask, meta: SlotMeta, job: Pick<JobRuntime, "plan">): void {
  const floors = (meta.floors?.[subtask.stage.id] ?? []).map(({ range, ms }) => ({
    ms,
    holds: ownsKeyOf(subtask.stage.kind, { range }, job),
  }));
  subtask.floorMaxMs = Math.max(Number.NEGATIVE_INFINITY, ...floors.map(({ ms }) => ms));
  subtask.floorOf = (record) =>
    floors.reduce(
      (highest, { ms, holds }) => (ms > highest && holds(record) ? ms : highest),
      Number.NEGATIVE_INFINITY,
    );
}
