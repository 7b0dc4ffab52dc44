import type { Node } from "../graph/node.ts";
import type { OperatorInput, PlannedOperator, Stage, StageInput, StageKey } from "../plan/plan.ts";
import { plannedStates } from "./operator-states.ts";
import { isStateful, metricsOf } from "../operators/registry.ts";

/** A stage while the graph is being cut: operators and sends are still added to it. */
export interface StageDraft {
  readonly kind: Stage["kind"];
  readonly source?: string;
  /** What keys its inputs, in order, and undefined for what is broadcast; none for the stage of a source. */
  readonly keys: readonly (StageKey | undefined)[];
  readonly operators: OperatorDraft[];
}

export interface OperatorDraft {
  readonly node: Node;
  readonly inputs: readonly OperatorInput[];
  readonly sends: SendDraft[];
}

export interface SendDraft {
  readonly stage: StageDraft;
  readonly input: number;
  readonly tag?: string;
}

/** A place at which elements can be taken: an output of an operator in a stage, or what the stage is fed with. */
export interface Tap {
  readonly stage: StageDraft;
  readonly from: number | "input";
  readonly tag?: string;
}

/** Drops stages in which nothing runs, gives the others their ids and turns references into ids. */
export function finishStages(all: readonly StageDraft[]): readonly Stage[] {
  const drafts = all.filter((draft) => draft.operators.length > 0);
  const ids = stageIds(drafts);
  const idOf = (draft: StageDraft): string => ids.get(draft) as string;
  const inputOf = (draft: StageDraft, keyedBy: StageKey | undefined, at: number): StageInput => ({
    route: keyedBy === undefined ? "broadcast" : "key",
    upstream: drafts.filter((other) => sendsTo(other, draft, at)).map(idOf),
    ...(keyedBy !== undefined && { keyedBy }),
  });
  return drafts.map((draft) => ({
    id: idOf(draft),
    kind: draft.kind,
    ...(draft.source !== undefined && { source: draft.source }),
    upstream: drafts.filter((other) => sendsTo(other, draft)).map(idOf),
    ...(draft.keys[0] !== undefined && { keyedBy: draft.keys[0] }),
    ...(draft.keys.length > 1 && { inputs: draft.keys.map((key, at) => inputOf(draft, key, at)) }),
    operators: draft.operators.map(({ node, inputs, sends }) => ({
      node: node.id,
      kind: node.kind,
      name: node.name,
      ...(node.uid !== undefined && { uid: node.uid }),
      ...(node.previousUids !== undefined && { previousUids: node.previousUids }),
      inputs,
      sends: sends
        .filter((send) => ids.has(send.stage))
        .map(({ stage, input, tag }) => ({
          stage: idOf(stage),
          ...(input > 0 && { input }),
          ...(tag !== undefined && { tag }),
        })),
      stateful: isStateful(node),
      ...(isStateful(node) && { states: plannedStates(node) }),
      ...plannedMetrics(node),
    })),
  }));
}

function plannedMetrics(node: Node): Pick<PlannedOperator, "metrics"> {
  const metrics = metricsOf(node);
  return Object.keys(metrics).length === 0 ? {} : { metrics };
}

function sendsTo(from: StageDraft, to: StageDraft, at?: number): boolean {
  return from.operators.some(({ sends }) =>
    sends.some(({ stage, input }) => stage === to && (at === undefined || input === at)),
  );
}

/**
 * The first uid in a stage. A second stage with the same first uid, behind a union, or one without any gets a mark that no
 * uid can hold.
 */
function stageIds(drafts: readonly StageDraft[]): ReadonlyMap<StageDraft, string> {
  const taken = new Set<string>();
  const ids = new Map<StageDraft, string>();
  for (const draft of drafts) {
    const uid = draft.operators.find(({ node }) => node.uid !== undefined)?.node.uid;
    const wanted = uid ?? `~${draft.operators[0]?.node.name}`;
    let id = wanted;
    for (let number = 2; taken.has(id); number++) id = `${wanted}~${number}`;
    taken.add(id);
    ids.set(draft, id);
  }
  return ids;
}
