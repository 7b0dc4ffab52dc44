import type { Plan, PlannedOperator } from "./plan.ts";
import type { SavedStates } from "./saved-states.ts";

/** Saved uids and those of the job's operators that go on from them: found by their own uid, else by the newest previous one. */
export function matchUids(saved: SavedStates, plan: Plan): ReadonlyMap<string, string> {
  const known = new Set(saved.stages.flatMap(({ operators }) => operators.map(({ uid }) => uid)));
  for (const { uid } of saved.sources) known.add(uid);
  const matched = new Map<string, string>();
  for (const { uid, previousUids = [] } of uidsOf(plan)) {
    const from = [uid, ...previousUids].find((candidate) => known.has(candidate));
    if (from !== undefined) matched.set(from, uid);
  }
  return matched;
}

/** For a message: an operator gives the uid as a previous one, but found what it goes on from under another. */
export function takenText(plan: Plan, matched: ReadonlyMap<string, string>, uid: string): string {
  const owner = uidsOf(plan).find(({ previousUids }) => previousUids?.includes(uid));
  if (owner === undefined) return "";
  const [taken] = [...matched].find(([, to]) => to === owner.uid) ?? [];
  return ` "${owner.uid}" names it as a previous uid, but goes on from what "${taken}" saved.`;
}

function uidsOf({ sources, stages, sinks }: Plan) {
  const operators = stages.flatMap((stage) => stage.operators);
  return [...sources, ...sinks, ...operators.filter(hasUid)];
}

function hasUid(operator: PlannedOperator): operator is PlannedOperator & { readonly uid: string } {
  return operator.uid !== undefined;
}
