import type { WindowAssigner } from "../graph/window-assigner.ts";
import { windowNameOfStart } from "../graph/window-name.ts";
import type { Plan } from "../plan/plan.ts";
import type { StateDelta } from "../state/state-delta.ts";

/** By cell: which windows are kept there. */
export function windowAssigners({ stages }: Plan): ReadonlyMap<string, WindowAssigner> {
  const assigners = new Map<string, WindowAssigner>();
  for (const { uid, states = [] } of stages.flatMap(({ operators }) => operators))
    for (const { name, window } of states)
      if (window !== undefined) assigners.set(`${uid}/${name}`, window.assigner);
  return assigners;
}

/** Before windows had names they were kept under their start: an entry and its removal may have been written by two versions. */
export function withWindowNames(
  delta: StateDelta,
  assigners: ReadonlyMap<string, WindowAssigner>,
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
