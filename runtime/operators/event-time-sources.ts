import { jobError } from "../errors/millrace-error.ts";
import type { Graph, Node } from "../graph/node.ts";
import { nodeAt } from "../graph/node-at.ts";
import { named, withUid } from "../plan/place.ts";

interface WithoutWatermarks {
  readonly code: string;
  /** What it would do. */
  readonly would: string;
}

/**
 * What goes by event time needs watermarks from all of its sources.
 * @throws MillraceError with the code that is given
 */
export function checkEventTime(node: Node, graph: Graph, { code, would }: WithoutWatermarks): void {
  const seen = new Set<Node>([node]);
  for (const found of seen) for (const { from } of found.inputs) seen.add(nodeAt(graph, from));
  for (const source of seen) {
    if (source.kind !== "source" || source.watermarks?.kind !== "none") continue;
    throw jobError(code, {
      ...withUid(node),
      message: `The ${named(node)} ${would}: the ${named(source)} has no watermarks.`,
      next: `Give source "${source.uid}" boundedOutOfOrderness or monotonousTimestamps; without a timestamp function they take the time of arrival.`,
    });
  }
}
