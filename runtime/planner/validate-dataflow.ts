import { jobError } from "../errors/millrace-error.ts";
import type { Graph } from "../graph/node.ts";
import { named, withUid } from "../plan/place.ts";
import { isStateful } from "../operators/registry.ts";
import { liveNodes } from "./producers.ts";

/** Something is read, something is written, and no state is kept for nobody. */
export function validateDataflow(graph: Graph): void {
  const { job, nodes } = graph;
  if (!nodes.some(({ kind }) => kind === "source"))
    throw jobError("job-without-source", {
      message: `Job "${job}" reads nothing.`,
      next: "Begin with env.source(kinesisSource({ stream, schema }), { uid, watermarks }).",
    });
  if (!nodes.some(({ kind }) => kind === "sink"))
    throw jobError("job-without-sink", {
      message: `Job "${job}" writes nothing.`,
      next: "End a stream with sinkTo(dynamodbSink({ table, key }), { uid }).",
    });
  const live = liveNodes(graph);
  for (const node of nodes) {
    if (live.has(node.id) || (node.kind !== "source" && !isStateful(node))) continue;
    throw jobError(node.kind === "source" ? "source-unused" : "operator-unused", {
      ...withUid(node),
      message: `Nothing of the ${named(node)} reaches a sink.`,
      next: "End it with sinkTo, or take it out of the job.",
    });
  }
}
