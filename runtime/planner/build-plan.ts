import { streamNameOf } from "../graph/connectors.ts";
import type { Graph, Node, SinkNode, SourceNode } from "../graph/node.ts";
import { withChangelog } from "./changelog.ts";
import { cutStages } from "./cut-stages.ts";
import { fingerprint } from "./fingerprint.ts";
import { seenKey } from "./key-fields.ts";
import type { Plan, PlannedSink, PlannedSource } from "../plan/plan.ts";
import { validate } from "./validate.ts";

/** How a job runs. Pure: the same graph gives the same plan. @throws MillraceError, with the first thing that is wrong. */
export function buildPlan(graph: Graph): Plan {
  validate(graph);
  const plan: Omit<Plan, "fingerprint"> = {
    format: 1,
    job: graph.job,
    maxParallelism: graph.options.maxParallelism,
    sources: graph.nodes.filter(isSource).map(plannedSource),
    stages: withChangelog(graph, cutStages(graph)),
    sinks: graph.nodes.filter(isSink).map(plannedSink),
  };
  return { ...plan, fingerprint: fingerprint(graph, plan) };
}

const isSource = (node: Node): node is SourceNode => node.kind === "source";
const isSink = (node: Node): node is SinkNode => node.kind === "sink";

function plannedSource(node: SourceNode): PlannedSource {
  const { uid, previousUids, source, watermarks, partitionedBy } = node;
  const { type, startFrom } = source;
  const { idleAfterMs, alignment, generator: { everyMs: watermarkEveryMs } = {} } = watermarks;
  const seen = partitionedBy === undefined ? undefined : seenKey(partitionedBy);
  return {
    uid,
    ...(previousUids !== undefined && { previousUids }),
    type,
    stream: streamNameOf(uid, source),
    startFrom,
    partitionedBy: partitionedBy !== undefined,
    ...(seen?.kind === "field" && { partitionField: seen.fields[0] }),
    ...(idleAfterMs !== undefined && { idleAfterMs }),
    ...(alignment !== undefined && { alignment }),
    ...(watermarkEveryMs !== undefined && { watermarkEveryMs }),
  };
}

function plannedSink({ uid = "", previousUids, sink }: SinkNode): PlannedSink {
  const { type, target, keyFields, keyTypes, guarantee, view } = sink;
  return {
    uid,
    ...(previousUids !== undefined && { previousUids }),
    type,
    target,
    ...(keyFields !== undefined && { keyFields }),
    ...(keyTypes !== undefined && { keyTypes }),
    guarantee,
    ...(view !== undefined && { view }),
  };
}
