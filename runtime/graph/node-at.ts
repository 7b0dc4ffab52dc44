import type { Graph, Node } from "./node.ts";

/** The node of an id. Validation has seen that it is there. */
export function nodeAt(graph: Graph, id: number): Node {
  return graph.nodes[id] as Node;
}
