import { stateError } from "../errors/millrace-error.ts";
import { streamNameOf } from "../graph/connectors.ts";
import { matchUids, takenText } from "./match-uids.ts";
import type { Plan, PlannedState, Stage, StateKind } from "./plan.ts";
import type { SavedOperator, SavedStage, SavedState, SavedStates } from "./saved-states.ts";
import { keyFault, stateFaults, type StateFault } from "./state-faults.ts";

export interface CompareOptions {
  /** Leave out saved state that has no place in the job, instead of refusing it. */
  readonly allowNonRestoredState: boolean;
}

/** Where all that was saved belongs in the job that is to go on from it. Plain JSON. */
export interface StateMapping {
  /** For each saved cell, by stage and name as in a delta. */
  readonly cells: readonly CellMapping[];
  /** For each saved stage: where elements that were on their way to it belong. Empty: nowhere any more. */
  readonly stages: readonly { readonly from: string; readonly to: readonly string[] }[];
  /** For each saved source: the one that goes on from its positions; without `to` none does. */
  readonly sources: readonly { readonly from: string; readonly to?: string }[];
}

export interface CellMapping {
  readonly stage: string;
  readonly cell: string;
  /** Absent: what is in it is dropped. */
  readonly to?: { readonly stage: string; readonly cell: string };
  readonly kind: StateKind;
  readonly fromVersion: number;
  readonly toVersion: number;
  /** What becomes of the times to live: values get one, lose it, or live anew by another kind of time. Absent: nothing. */
  readonly ttl?: "gains" | "loses" | "restarts";
  /** Names of timers whose settings are dropped. */
  readonly droppedTimers?: readonly string[];
}

/**
 * Compares saved states with those of a job, and says where each belongs. Operators are found by uid or previous uid; those
 * that nothing was saved of start empty.
 * @throws MillraceError `state-incompatible`, or `state-not-restored` where `allowNonRestoredState` would do; lists everything.
 */
export function compareStates(
  saved: SavedStates,
  plan: Plan,
  options: CompareOptions,
): StateMapping {
  checkFormat(saved);
  const comparison: Comparison = {
    saved,
    plan,
    options,
    newUids: matchUids(saved, plan),
    faults: [],
  };
  checkParallelism(comparison);
  const sources = saved.sources.map((source) => mapSource(comparison, source));
  const cells = saved.stages.flatMap((stage) =>
    stage.operators
      .filter(({ states }) => states.length > 0)
      .flatMap((operator) => mapOperator(comparison, stage, operator)),
  );
  if (comparison.faults.length > 0) throw incompatible(comparison);
  const stages = saved.stages.map((stage) => ({ from: stage.id, to: mapStage(comparison, stage) }));
  return { cells, stages, sources };
}

interface Comparison {
  readonly saved: SavedStates;
  readonly plan: Plan;
  readonly options: CompareOptions;
  /** By saved uid: the operator that it is now. */
  readonly newUids: ReadonlyMap<string, string>;
  readonly faults: StateFault[];
}

/** Something saved has no place: a fault, unless it may be left out. */
function unplaced({ options, faults }: Comparison, uid: string, text: string): void {
  if (options.allowNonRestoredState) return;
  faults.push({
    uid,
    isUnplaced: true,
    text,
    next: "If it was renamed, give it previousUids; allowNonRestoredState leaves the state out.",
  });
}

function mapSource(
  comparison: Comparison,
  { uid, type, stream }: SavedStates["sources"][number],
): StateMapping["sources"][number] {
  const { plan, newUids, faults } = comparison;
  const source = plan.sources.find((candidate) => candidate.uid === newUids.get(uid));
  if (source === undefined) {
    unplaced(
      comparison,
      uid,
      `Source "${uid}": the job has no such source.${takenText(plan, newUids, uid)}`,
    );
    return { from: uid };
  }
  // What has no name of its own is called after its uid, which may have changed.
  const isOwn =
    stream === streamNameOf(uid, { type }) && source.stream === streamNameOf(source.uid, { type });
  const isSame = isOwn || source.stream === stream;
  if (!isSame || source.type !== type)
    faults.push({
      uid,
      text: `Source "${uid}": its positions are those of ${type} stream "${stream}", but the job reads ${source.type} stream "${source.stream}".`,
      next: "Give a source of another stream a new uid: it begins at its startFrom.",
    });
  return { from: uid, to: source.uid };
}

function mapOperator(
  comparison: Comparison,
  stage: SavedStage,
  operator: SavedOperator,
): readonly CellMapping[] {
  const { plan, newUids, faults } = comparison;
  const uid = newUids.get(operator.uid);
  const home = uid === undefined ? undefined : homeOf(plan, uid);
  if (home === undefined) {
    const names = operator.states.filter(holdsSomething).map(({ name }) => `"${name}"`);
    const now = uid === undefined ? "the job has no such operator" : `"${uid}" keeps no state now`;
    if (names.length > 0)
      unplaced(
        comparison,
        operator.uid,
        `Operator "${operator.uid}" (${operator.kind}), state ${names.join(", ")}: ${now}.${takenText(plan, newUids, operator.uid)}`,
      );
    return operator.states.map((state) => droppedCell(stage.id, operator.uid, state));
  }
  const fault = keyFault(operator.uid, stage.key, home.stage.keyedBy);
  if (fault !== undefined) faults.push(fault);
  return operator.states.map((state) =>
    mapState(comparison, { stage: stage.id, uid: operator.uid, state }, home),
  );
}

interface Home {
  readonly stage: Stage;
  readonly uid: string;
  readonly states: readonly PlannedState[];
}

/** A stateful operator stands directly behind its keyBy, and so in one stage only. */
function homeOf(plan: Plan, uid: string): Home | undefined {
  for (const stage of plan.stages) {
    const operator = stage.operators.find((candidate) => candidate.uid === uid);
    if (operator?.states !== undefined) return { stage, uid, states: operator.states };
  }
  return undefined;
}

interface SavedCell {
  readonly stage: string;
  readonly uid: string;
  readonly state: SavedState;
}

function mapState(comparison: Comparison, cell: SavedCell, home: Home): CellMapping {
  const { stage, uid, state } = cell;
  const planned = home.states.find((candidate) => isPlaceOf(candidate, state));
  if (planned === undefined) {
    if (holdsSomething(state)) unplaced(comparison, uid, missingText(cell, home));
    return droppedCell(stage, uid, state);
  }
  comparison.faults.push(...stateFaults(uid, state, planned));
  const droppedTimers = (state.timers ?? []).filter((name) => !planned.timers?.includes(name));
  for (const name of droppedTimers)
    unplaced(
      comparison,
      uid,
      `Operator "${uid}", state "${state.name}": timer "${name}" has no function in onTimer.`,
    );
  return {
    ...droppedCell(stage, uid, state),
    to: { stage: home.stage.id, cell: `${home.uid}/${planned.name}` },
    toVersion: planned.version,
    ...ttlChange(state, planned),
    ...(droppedTimers.length > 0 && { droppedTimers }),
  };
}

function ttlChange(
  { ttl: before }: SavedState,
  { ttl: after }: PlannedState,
): Pick<CellMapping, "ttl"> {
  if (before === after) return {};
  if (before === undefined) return { ttl: "gains" };
  return { ttl: after === undefined ? "loses" : "restarts" };
}

/** Elements are nothing without the windows that they are of, which stand under another name where they became sessions. */
function isPlaceOf({ name, kind }: PlannedState, saved: SavedState): boolean {
  const areElements = saved.kind.endsWith("-elements");
  return name === saved.name && (kind === saved.kind || !areElements);
}

function missingText({ uid, state }: SavedCell, { states }: Home): string {
  const declared = states
    .filter(holdsSomething)
    .map(({ name, kind, version }) => `"${name}" (${kind}, version ${version})`);
  const now = declared.length === 0 ? "nothing" : declared.join(", ");
  return `Operator "${uid}", state "${state.name}" (${state.kind}, version ${state.version}): the job doesn't declare it; the operator keeps ${now}.`;
}

/** A process function without timers has a cell for them in which nothing can be. */
function holdsSomething({ kind, timers }: SavedState): boolean {
  return kind !== "timers" || (timers ?? []).length > 0;
}

function droppedCell(stage: string, uid: string, { name, kind, version }: SavedState): CellMapping {
  return { stage, cell: `${uid}/${name}`, kind, fromVersion: version, toVersion: version };
}

/** Behind one keyBy elements go to its stateful operators; where there are none, to the sink that the stage is made for. */
function mapStage({ plan, newUids }: Comparison, stage: SavedStage): readonly string[] {
  const stateful = stage.operators.filter(({ states }) => states.length > 0);
  const sources = stage.operators.filter(({ kind }) => kind === "source");
  const fed = [stateful, sources, stage.operators].find(({ length }) => length > 0) ?? [];
  const uids = new Set(fed.map(({ uid }) => newUids.get(uid)));
  const isHome = ({ id, kind, operators }: Stage) =>
    uids.size === 0
      ? id === stage.id && kind === stage.kind
      : operators.some(({ uid }) => uid !== undefined && uids.has(uid));
  return plan.stages.filter(isHome).map(({ id }) => id);
}

function checkParallelism({ saved, plan, faults }: Comparison): void {
  if (saved.maxParallelism === plan.maxParallelism) return;
  faults.push({
    text: `The state is in ${saved.maxParallelism} key groups, but the job's maxParallelism is ${plan.maxParallelism}.`,
    next: `Leave maxParallelism at ${saved.maxParallelism}: it is fixed for the life of the state.`,
  });
}

function checkFormat({ format }: { readonly format: number }): void {
  if (format === 1) return;
  throw stateError("format-unknown", {
    message: `The list of saved states has format ${format}; this release reads format 1.`,
    next: "Restore with the release of Millrace that wrote it, or a later one.",
  });
}

function incompatible({ saved, plan, faults }: Comparison): Error {
  const [first, ...others] = faults as [StateFault, ...StateFault[]];
  const detail = {
    message:
      `What job "${saved.job}" saved with plan ${saved.plan} can't be restored into job "${plan.job}" with plan ${plan.fingerprint}:` +
      faults.map(({ text, next }) => `\n- ${text}${others.length > 0 ? ` ${next}` : ""}`).join(""),
    next: others.length > 0 ? "Nothing was changed. Mend each of these." : first.next,
    ...(others.length === 0 && first.uid !== undefined && { uid: first.uid }),
  };
  return faults.every(({ isUnplaced }) => isUnplaced)
    ? stateError("state-not-restored", detail)
    : stateError("state-incompatible", detail);
}
