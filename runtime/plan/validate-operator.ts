import { jobError } from "../errors/millrace-error.ts";
import type { Graph, Node, WindowNode } from "../graph/node.ts";
import { at, named } from "./place.ts";
import { isStateful, nodeAt, producersOf } from "./producers.ts";
import { validateStates } from "./validate-states.ts";

/** Rules of one operator and of what it is fed with. */
export function validateOperator(graph: Graph, node: Node): void {
  if (isStateful(node)) validateKeyed(graph, node);
  if (node.kind === "window") {
    validateSession(node);
    validateEventTime(graph, node);
  }
  validateStates(node);
  validateTags(graph, node);
  validateRepeats(graph, node);
}

function validateKeyed(graph: Graph, node: Node): void {
  if (node.inputs.every(({ from }) => nodeAt(graph, from).kind === "keyBy")) return;
  throw jobError("stream-not-keyed", {
    ...withUid(node),
    message: `The ${named(node)} keeps state, but its input is not keyed.`,
    next: "Put a keyBy directly before it.",
  });
}

function validateSession(node: WindowNode): void {
  const { assigner, compute } = node;
  if (assigner.kind !== "session" || compute.kind !== "aggregate") return;
  if (compute.aggregate.merge !== undefined) return;
  throw jobError("session-merge-missing", {
    ...withUid(node),
    message: `The aggregate of session ${named(node)} has no merge: sessions grow together.`,
    next: "Give the aggregate merge(left, right), which joins two accumulators.",
  });
}

function validateEventTime(graph: Graph, node: WindowNode): void {
  for (const source of sourcesOf(graph, node)) {
    if (source.kind !== "source" || source.watermarks.kind !== "none") continue;
    throw jobError("window-without-watermarks", {
      ...withUid(node),
      message: `The ${named(node)} would never fire: the ${named(source)} has no watermarks.`,
      next: `Give source "${source.uid}" boundedOutOfOrderness or monotonousTimestamps; without a timestamp function they take the time of arrival.`,
    });
  }
}

function sourcesOf(graph: Graph, node: Node): readonly Node[] {
  const seen = new Set<Node>([node]);
  for (const found of seen) for (const { from } of found.inputs) seen.add(nodeAt(graph, from));
  return [...seen].filter(({ kind }) => kind === "source");
}

/** Which tags a process function emits to can't be known; a window has its late output only, anything else none. */
function validateTags(graph: Graph, node: Node): void {
  for (const { from, tag } of node.inputs) {
    const producer = nodeAt(graph, from);
    if (tag === undefined || producer.kind === "process") continue;
    if (producer.kind === "window" && producer.lateTag === tag) continue;
    throw jobError("side-output-unknown", {
      ...withUid(producer),
      message: `The ${named(producer)} has no side output "${tag}", which the ${node.kind}${at(node)} reads.`,
      next:
        producer.kind === "window"
          ? "Give the window lateOutput with that tag; windows have no other side output."
          : "Only process functions and windows with lateOutput have side outputs.",
    });
  }
}

function validateRepeats(graph: Graph, node: Node): void {
  const outputs = producersOf(graph, node).map(({ from, tag }) => JSON.stringify([from, tag]));
  const repeated = outputs.find((output, index) => outputs.indexOf(output) !== index);
  if (repeated === undefined) return;
  const [from] = JSON.parse(repeated) as [number];
  throw jobError("union-repeats-stream", {
    ...withUid(node),
    message: `The ${named(node)} takes the output of the ${named(nodeAt(graph, from))} twice through a union.`,
    next: "Unite a stream only once; to double elements use flatMap.",
  });
}

function withUid({ uid }: Node): { readonly uid?: string } {
  return uid === undefined ? {} : { uid };
}
