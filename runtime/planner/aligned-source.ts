import type { Graph, KeyByNode, SourceNode } from "../graph/node.ts";
import { seenKey } from "./key-fields.ts";
import { nodeAt } from "../graph/node-at.ts";

/**
 * The source whose partition key is the key of a keyBy: then the keyed stage runs in the source's slots. Only filters
 * may stand between, since anything else makes other elements, of which `partitionedBy` says nothing.
 */
export function alignedSource(graph: Graph, keyBy: KeyByNode): SourceNode | undefined {
  if (keyBy.spread !== undefined) return undefined;
  let node = keyBy as (typeof graph.nodes)[number];
  do {
    const [edge, ...others] = node.inputs;
    if (edge === undefined || others.length > 0 || edge.tag !== undefined) return undefined;
    node = nodeAt(graph, edge.from);
  } while (node.kind === "filter" || node.kind === "keyBy");
  if (node.kind !== "source" || node.partitionedBy === undefined) return undefined;
  return isKeyOf(node.partitionedBy, keyBy) ? node : undefined;
}

/** The same function, or both take the same single field. */
function isKeyOf(partitionedBy: KeyByNode["select"], { select, fields }: KeyByNode): boolean {
  if (partitionedBy === select) return true;
  const [a, b] = [fields ?? seenKey(select), seenKey(partitionedBy)];
  return a?.kind === "field" && b?.kind === "field" && a.fields[0] === b.fields[0];
}
