import type { Plan, PlannedState, Stage, StageKey } from "./plan.ts";

/** What a checkpoint holds, as the plan that wrote it tells: plain JSON, kept with the checkpoint. */
export interface SavedStates {
  readonly format: 1;
  readonly job: string;
  /** Fingerprint of the plan. */
  readonly plan: string;
  readonly maxParallelism: number;
  /** Whose positions are saved. */
  readonly sources: readonly SavedSource[];
  readonly stages: readonly SavedStage[];
}

export interface SavedSource {
  readonly uid: string;
  readonly type: string;
  readonly stream: string;
}

export interface SavedStage {
  readonly id: string;
  readonly kind: Stage["kind"];
  /** Uid of the source in whose slots it runs. */
  readonly source?: string;
  readonly key?: SavedKey;
  /** Its operators with a uid. */
  readonly operators: readonly SavedOperator[];
}

/** What a stage is keyed by, as far as it is known. */
export type SavedKey = Omit<StageKey, "node" | "seen" | "one">;

export interface SavedOperator {
  readonly uid: string;
  /** "process", "reduce", "window", "source", "sink" … */
  readonly kind: string;
  readonly states: readonly SavedState[];
}

export type SavedState = Omit<PlannedState, "migrates">;

/** What a job with this plan saves. */
export function savedStatesOf(plan: Plan): SavedStates {
  return {
    format: 1,
    job: plan.job,
    plan: plan.fingerprint,
    maxParallelism: plan.maxParallelism,
    sources: plan.sources.map(({ uid, type, stream }) => ({ uid, type, stream })),
    stages: plan.stages.map(savedStage),
  };
}

function savedStage({ id, kind, source, keyedBy, operators }: Stage): SavedStage {
  return {
    id,
    kind,
    ...(source !== undefined && { source }),
    ...(keyedBy !== undefined && { key: savedKey(keyedBy) }),
    operators: operators.flatMap(({ uid, kind: operatorKind, states = [] }) =>
      uid === undefined ? [] : [{ uid, kind: operatorKind, states: states.map(savedState) }],
    ),
  };
}

function savedKey({ node: _, seen: _seen, one: _one, ...key }: StageKey): SavedKey {
  return key;
}

function savedState({ migrates: _, ...state }: PlannedState): SavedState {
  return state;
}
