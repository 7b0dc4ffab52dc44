import type { Edge, Graph, KeyByNode, Node, SinkNode } from "../graph/node.ts";
import { alignedSource } from "./aligned-source.ts";
import { seenKey } from "./key-fields.ts";
import type { OperatorInput, Stage } from "./plan.ts";
import { liveNodes, nodeAt } from "./producers.ts";
import { finishStages, type OperatorDraft, type StageDraft, type Tap } from "./stage-drafts.ts";

/**
 * Cuts a valid graph into stages. Stateless operators stand in every stage that feeds them; all that is directly behind
 * one keyBy is one stage; a sink that writes rows stands behind an exchange on its own key, unless the stage has that
 * key already (protocol 3.8). Nodes that lead to no sink are left out.
 */
export function cutStages(graph: Graph): readonly Stage[] {
  const cutter = stageCutter(graph);
  const live = liveNodes(graph);
  for (const node of graph.nodes) if (live.has(node.id)) cutter.place(node);
  return finishStages(cutter.stages);
}

function stageCutter(graph: Graph) {
  const stages: StageDraft[] = [];
  /** The stages in which a node stands, and as what. */
  const placed = new Map<number, Map<StageDraft, OperatorDraft>>();
  const keyedStages = new Map<number, StageDraft>();

  function newStage(stage: Omit<StageDraft, "operators">): StageDraft {
    const draft: StageDraft = { ...stage, operators: [] };
    stages.push(draft);
    return draft;
  }

  function put(node: Node, stage: StageDraft, inputs: readonly OperatorInput[]): void {
    const operator: OperatorDraft = { node, inputs, sends: [] };
    stage.operators.push(operator);
    const places = placed.get(node.id) ?? new Map<StageDraft, OperatorDraft>();
    placed.set(node.id, places.set(stage, operator));
  }

  /** Where an edge's elements can be taken: behind a keyBy, in its stage. */
  function tapsOf({ from, tag }: Edge): readonly Tap[] {
    const node = nodeAt(graph, from);
    if (node.kind === "union") return node.inputs.flatMap(tapsOf);
    if (node.kind === "keyBy") return [{ stage: keyedStage(node), from: "input" }];
    const stagesOfNode = [...(placed.get(from)?.keys() ?? [])];
    return stagesOfNode.map((stage) => ({ stage, from, ...(tag !== undefined && { tag }) }));
  }

  /** The operators whose output an edge's elements are; a keyBy that is keyed anew has no say. */
  function sendersOf(edge: Edge): readonly Tap[] {
    const node = nodeAt(graph, edge.from);
    if (node.kind === "union" || node.kind === "keyBy") return node.inputs.flatMap(sendersOf);
    return tapsOf(edge);
  }

  function feed(stage: StageDraft, edges: readonly Edge[]): void {
    for (const { stage: sender, from, tag } of edges.flatMap(sendersOf)) {
      const operator = placed.get(from as number)?.get(sender);
      operator?.sends.push({ stage, ...(tag !== undefined && { tag }) });
    }
  }

  function keyedStage(keyBy: KeyByNode): StageDraft {
    const known = keyedStages.get(keyBy.id);
    if (known !== undefined) return known;
    const source = alignedSource(graph, keyBy)?.uid;
    const fields = seenKey(keyBy.select)?.fields;
    const stage = newStage({
      ...(source === undefined ? { kind: "exchange" } : { kind: "aligned", source }),
      keyedBy: { node: keyBy.id, kind: "keyBy", ...(fields !== undefined && { fields }) },
    });
    keyedStages.set(keyBy.id, stage);
    feed(stage, keyBy.inputs);
    return stage;
  }

  function chain(node: Node): void {
    const inputsByStage = Map.groupBy(node.inputs.flatMap(tapsOf), ({ stage }) => stage);
    for (const [stage, taps] of inputsByStage) {
      const inputs = taps.map(({ from, tag }) => ({ from, ...(tag !== undefined && { tag }) }));
      put(node, stage, inputs);
    }
  }

  function placeRowSink(node: SinkNode, keyFields: readonly string[]): void {
    const [stage, ...others] = new Set(node.inputs.flatMap(tapsOf).map((tap) => tap.stage));
    // Several stages would be several writers of one row.
    if (stage !== undefined && others.length === 0 && ownsRows(stage, keyFields)) chain(node);
    else {
      const keyedBy = { node: node.id, kind: "sink", fields: keyFields } as const;
      const sinkStage = newStage({ kind: "exchange", keyedBy });
      feed(sinkStage, node.inputs);
      put(node, sinkStage, [{ from: "input" }]);
    }
  }

  return {
    stages,
    place(node: Node): void {
      if (node.kind === "source") {
        put(node, newStage({ kind: "source", source: node.uid }), [{ from: "input" }]);
      } else if (node.kind === "sink" && node.sink.keyFields !== undefined) {
        placeRowSink(node, node.sink.keyFields);
      } else if (node.kind !== "keyBy" && node.kind !== "union") chain(node);
    },
  };
}

/** Whether a row's key says in which slot of the stage it is made: then no other slot writes it. */
function ownsRows({ keyedBy }: StageDraft, keyFields: readonly string[]): boolean {
  return keyedBy?.fields?.every((field) => keyFields.includes(field)) ?? false;
}
