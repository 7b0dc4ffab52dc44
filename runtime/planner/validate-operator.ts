import { jobError } from "../errors/millrace-error.ts";
import type { Graph, Node } from "../graph/node.ts";
import { at, named, withUid } from "../plan/place.ts";
import { isStateful, specOf, takesSeveral } from "../operators/registry.ts";
import { nodeAt } from "../graph/node-at.ts";
import { producersOf } from "./producers.ts";
import { validateStates } from "./validate-states.ts";

/** Rules of one operator and of what it is fed with. */
export function validateOperator(graph: Graph, node: Node): void {
  if (isStateful(node)) validateKeyed(graph, node);
  specOf(node).check?.(node, graph);
  validateStates(graph, node);
  validateTags(graph, node);
  if (!takesSeveral(node)) validateRepeats(graph, node);
}

function validateKeyed(graph: Graph, node: Node): void {
  const keyed = specOf(node).inputs === "one and broadcast" ? node.inputs.slice(0, 1) : node.inputs;
  if (keyed.every(({ from }) => nodeAt(graph, from).kind === "keyBy")) return;
  throw jobError("stream-not-keyed", {
    ...withUid(node),
    message: `The ${named(node)} keeps state, but its input is not keyed.`,
    next: "Put a keyBy directly before it.",
  });
}

function validateTags(graph: Graph, node: Node): void {
  for (const { from, tag } of node.inputs) {
    if (tag === undefined) continue;
    const producer = nodeAt(graph, from);
    const { sideOutputs } = specOf(producer);
    if (sideOutputs?.has(producer, tag) === true) continue;
    throw jobError("side-output-unknown", {
      ...withUid(producer),
      message: `The ${named(producer)} has no side output "${tag}", which the ${node.kind}${at(node)} reads.`,
      next:
        sideOutputs?.next ??
        "Only process functions and windows with lateOutput have side outputs.",
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
