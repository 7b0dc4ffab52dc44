import type { Edge, Graph, Node } from "../graph/node.ts";
import { nodeAt } from "../graph/node-at.ts";

/** The outputs that flow into a node once unions, which are edges and no operators, are looked through. */
export function producersOf(graph: Graph, node: Node): readonly Edge[] {
  return node.inputs.flatMap((edge) => {
    const from = nodeAt(graph, edge.from);
    return from.kind === "union" ? producersOf(graph, from) : [edge];
  });
}

/** Ids of the nodes from which elements can reach a sink; nothing else has an effect. */
export function liveNodes(graph: Graph): ReadonlySet<number> {
  const live = new Set<number>();
  for (const node of graph.nodes.toReversed()) {
    if (node.kind !== "sink" && !live.has(node.id)) continue;
    live.add(node.id);
    for (const { from } of node.inputs) live.add(from);
  }
  return live;
}
