import { windowNameOfStart } from "../graph/window-name.ts";
import type { Plan, PlannedAssigner } from "../plan/plan.ts";
import type { StateDelta } from "../state/state-delta.ts";

/** By cell: which windows are kept there. */
export function windowAssigners({ stages }: Plan): ReadonlyMap<string, PlannedAssigner> {
  const assigners = new Map<string, PlannedAssigner>();
  for (const { uid, states = [] } of stages.flatMap(({ operators }) => operators))
    for (const { name, window } of states)
      if (window !== undefined) assigners.set(`${uid}/${name}`, window.assigner);
  return assigners;
}

/** Before windows had names they were kept under their start: an entry and its removal may have been written by two versions. */
export function withWindowNames(
  delta: StateDelta,
  assigners: ReadonlyMap<string, PlannedAssigner>,
): StateDelta {
  const ofCells = delta.cells.map((cell) => assigners.get(cell));
  const mapKey = delta.mapKey.map((key, at) => {
    const assigner = ofCells[delta.cell[at] as number];
    return assigner !== undefined && typeof key === "number"
      ? windowNameOfStart(key, assigner)
      : key;
  });
  return { ...delta, mapKey };
}
