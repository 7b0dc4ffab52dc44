import type { Edge, Graph, KeyByNode, Node, SinkNode } from "../graph/node.ts";
import { alignedSource } from "./aligned-source.ts";
import { seenKey } from "./key-fields.ts";
import { specOf, takesSeveral } from "../operators/registry.ts";
import type { OperatorInput, Stage, StageKey } from "../plan/plan.ts";
import { nodeAt } from "../graph/node-at.ts";
import { liveNodes } from "./producers.ts";
import {
  finishStages,
  type OperatorDraft,
  type SendDraft,
  type StageDraft,
  type Tap,
} from "./stage-drafts.ts";

/**
 * Cuts a valid graph into stages. Stateless operators stand in every stage that feeds them; all that is directly behind
 * one keyBy is one stage; a sink that writes rows stands behind an exchange on its own key, unless the stage has that
 * key already (protocol 3.8). Nodes that lead to no sink are left out.
 */
export function cutStages(graph: Graph): readonly Stage[] {
  const cut: Cut = { graph, stages: [], placed: new Map(), keyed: new Map() };
  const live = liveNodes(graph);
  for (const node of graph.nodes) if (live.has(node.id)) place(cut, node);
  return finishStages(cut.stages);
}

/** How far the graph has been cut. */
interface Cut {
  readonly graph: Graph;
  /** Topological: a stage comes to be once all that feeds it is placed. */
  readonly stages: StageDraft[];
  /** By node: the stages in which it stands, and as what. */
  readonly placed: Map<number, Map<StageDraft, OperatorDraft>>;
  /** By keyBy node: the stage behind it. */
  readonly keyed: Map<number, StageDraft>;
}

function place(cut: Cut, node: Node): void {
  if (node.kind === "source") {
    const stage = newStage(cut, { kind: "source", source: node.uid, keys: [] });
    put(cut, node, stage, [{ from: "input" }]);
  } else if (node.kind === "sink" && node.sink.keyFields !== undefined) {
    placeRowSink(cut, node, node.sink.keyFields);
  } else if (takesSeveral(node)) placeSeveralInputs(cut, node);
  else if (node.kind !== "keyBy" && node.kind !== "union") chain(cut, node);
}

/**
 * What has several inputs begins a stage behind an exchange, also where all come from one source: they meet by their keys, or in every slot.
 */
function placeSeveralInputs(cut: Cut, node: Node): void {
  const isKeyed = (input: number): boolean =>
    input === 0 || specOf(node).inputs !== "one and broadcast";
  const keyOfInput = ({ from }: Edge, input: number): StageKey | undefined =>
    isKeyed(input) ? keyOfKeyBy(nodeAt(cut.graph, from) as KeyByNode) : undefined;
  const stage = newStage(cut, { kind: "exchange", keys: node.inputs.map(keyOfInput) });
  for (const [input, edge] of node.inputs.entries()) feed(cut, { stage, input }, [edge]);
  const inputs = node.inputs.map((_, input) => ({
    from: "input" as const,
    ...(input > 0 && { input }),
  }));
  put(cut, node, stage, inputs);
}

function keyOfKeyBy(keyBy: KeyByNode): StageKey {
  if (keyBy.one === true) return { node: keyBy.id, kind: "keyBy", one: true };
  if (keyBy.spread !== undefined) return { node: keyBy.id, kind: "keyBy", spread: keyBy.spread };
  const key = keyBy.fields ?? seenKey(keyBy.select);
  return {
    node: keyBy.id,
    kind: "keyBy",
    ...(key !== undefined && { fields: key.fields }),
    ...(key?.kind === "tuple" && key.fields.length === 1 && { tuple: true }),
    ...(key !== undefined && keyBy.fields === undefined && { seen: true }),
  };
}

/** Puts a node into every stage that feeds it. */
function chain(cut: Cut, node: Node): void {
  const taps = node.inputs.flatMap((edge) => tapsOf(cut, edge));
  for (const [stage, tapsOfStage] of Map.groupBy(taps, (tap) => tap.stage)) {
    const inputs = tapsOfStage.map(({ from, tag }) => ({
      from,
      ...(tag !== undefined && { tag }),
    }));
    put(cut, node, stage, inputs);
  }
}

function placeRowSink(cut: Cut, node: SinkNode, keyFields: readonly string[]): void {
  const taps = node.inputs.flatMap((edge) => tapsOf(cut, edge));
  const [stage, ...others] = new Set(taps.map((tap) => tap.stage));
  // Several stages would be several writers of one row.
  if (stage !== undefined && others.length === 0 && ownsRows(stage, keyFields)) chain(cut, node);
  else {
    const key = { node: node.id, kind: "sink", fields: keyFields } as const;
    const sinkStage = newStage(cut, { kind: "exchange", keys: [key] });
    feed(cut, { stage: sinkStage, input: 0 }, node.inputs);
    put(cut, node, sinkStage, [{ from: "input" }]);
  }
}

/** Whether a row's key says in which slot of the stage it is made: then no other slot writes it. */
function ownsRows({ keys: [first] }: StageDraft, keyFields: readonly string[]): boolean {
  return first?.fields?.every((field) => keyFields.includes(field)) ?? false;
}

/** Where an edge's elements can be taken: behind a keyBy, in its stage. */
function tapsOf(cut: Cut, { from, tag }: Edge): readonly Tap[] {
  const node = nodeAt(cut.graph, from);
  if (node.kind === "union") return node.inputs.flatMap((edge) => tapsOf(cut, edge));
  if (node.kind === "keyBy") return [{ stage: keyedStage(cut, node), from: "input" }];
  const stages = [...(cut.placed.get(from)?.keys() ?? [])];
  return stages.map((stage) => ({ stage, from, ...(tag !== undefined && { tag }) }));
}

/** The stage behind a keyBy: made when something is first placed behind it. */
function keyedStage(cut: Cut, keyBy: KeyByNode): StageDraft {
  const known = cut.keyed.get(keyBy.id);
  if (known !== undefined) return known;
  const source = alignedSource(cut.graph, keyBy)?.uid;
  const stage = newStage(cut, {
    ...(source === undefined ? { kind: "exchange" } : { kind: "aligned", source }),
    keys: [keyOfKeyBy(keyBy)],
  });
  cut.keyed.set(keyBy.id, stage);
  feed(cut, { stage, input: 0 }, keyBy.inputs);
  return stage;
}

/** Lets the operators behind some edges send to an input of a stage. */
function feed(cut: Cut, to: Omit<SendDraft, "tag">, edges: readonly Edge[]): void {
  for (const { stage: sender, from, tag } of edges.flatMap((edge) => sendersOf(cut, edge))) {
    const operator = cut.placed.get(from as number)?.get(sender);
    operator?.sends.push({ ...to, ...(tag !== undefined && { tag }) });
  }
}

/** The operators whose output an edge's elements are; a keyBy that is keyed anew has no say. */
function sendersOf(cut: Cut, edge: Edge): readonly Tap[] {
  const node = nodeAt(cut.graph, edge.from);
  return node.kind === "union" || node.kind === "keyBy"
    ? node.inputs.flatMap((input) => sendersOf(cut, input))
    : tapsOf(cut, edge);
}

function newStage(cut: Cut, stage: Omit<StageDraft, "operators">): StageDraft {
  const draft: StageDraft = { ...stage, operators: [] };
  cut.stages.push(draft);
  return draft;
}

function put(cut: Cut, node: Node, stage: StageDraft, inputs: readonly OperatorInput[]): void {
  const operator: OperatorDraft = { node, inputs, sends: [] };
  stage.operators.push(operator);
  const places = cut.placed.get(node.id) ?? new Map<StageDraft, OperatorDraft>();
  cut.placed.set(node.id, places.set(stage, operator));
}
