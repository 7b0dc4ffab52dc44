import { jobError } from "../errors/millrace-error.ts";
import type { Graph, Node } from "../graph/node.ts";
import { nodeAt } from "../graph/node-at.ts";
import { named, withUid } from "../plan/place.ts";

/**
 * What goes by event time needs watermarks from all of its sources; `would` says what it would do without.
 * @throws MillraceError `join-without-watermarks`
 */
export function checkEventTime(node: Node, graph: Graph, would: string): void {
  const seen = new Set<Node>([node]);
  for (const found of seen) for (const { from } of found.inputs) seen.add(nodeAt(graph, from));
  for (const source of seen) {
    if (source.kind !== "source" || source.watermarks?.kind !== "none") continue;
    throw jobError("join-without-watermarks", {
      ...withUid(node),
      message: `The ${named(node)} ${would}: the ${named(source)} has no watermarks.`,
      next: `Give source "${source.uid}" boundedOutOfOrderness or monotonousTimestamps; without a timestamp function they take the time of arrival.`,
    });
  }
}
