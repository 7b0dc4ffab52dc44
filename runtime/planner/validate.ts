import { jobError } from "../errors/millrace-error.ts";
import type { Graph, Node } from "../graph/node.ts";
import { specOf } from "../operators/registry.ts";
import { named, withUid } from "../plan/place.ts";
import { validateFunctions } from "./validate-functions.ts";
import { validateDataflow } from "./validate-dataflow.ts";
import { validateMetrics } from "./validate-metrics.ts";
import { validateOwners } from "./validate-owners.ts";
import { validateOperator } from "./validate-operator.ts";
import { validateUids } from "./validate-uids.ts";

/** Limits of a job. */
const maxNodes = 1_000;
const maxSources = 100;
const maxMaxParallelism = 32_768;

/**
 * Refuses graphs that can't run, or not as meant. Graphs may come as data, so nothing that the fluent interface rules out
 * is taken for granted.
 * @throws MillraceError of the job domain with a stable code, the uid, where it was defined, and what to change.
 */
export function validate(graph: Graph): void {
  validateJob(graph);
  validateRestart(graph);
  validateEdges(graph);
  validateUids(graph);
  validateOwners(graph);
  for (const node of graph.nodes) validateOperator(graph, node);
  validateMetrics(graph);
  validateFunctions(graph);
  validateDataflow(graph);
}

function validateJob({ job, nodes, options }: Graph): void {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,62}$/.test(job))
    throw jobError("job-name-invalid", {
      message: `${JSON.stringify(job)} can't be the name of a job.`,
      next: "Give 1 to 63 characters: a letter, then letters, digits and hyphens.",
    });
  const { maxParallelism } = options;
  const inRange = Number.isInteger(maxParallelism) && maxParallelism <= maxMaxParallelism;
  if (!inRange || maxParallelism < 1 || (maxParallelism & (maxParallelism - 1)) !== 0)
    throw jobError("max-parallelism-invalid", {
      message: `maxParallelism is ${maxParallelism}; it must be a power of two from 1 to ${maxMaxParallelism}.`,
      next: "Leave it at 1024 unless the job will need more shards than that.",
    });
  const sources = nodes.filter(({ kind }) => kind === "source").length;
  checkLimit("nodes", nodes.length, maxNodes);
  checkLimit("sources", sources, maxSources);
}

/** A strategy that no operator goes by would be missed when something fails. */
function validateRestart({ nodes, options }: Graph): void {
  const operators = new Set(nodes.map(({ uid, name }) => uid ?? name));
  const unknown = Object.keys(options.operatorRestart ?? {}).find((name) => !operators.has(name));
  if (unknown === undefined) return;
  throw jobError("restart-invalid", {
    message: `operatorRestart names "${unknown}", and the job has no such operator.`,
    next: `Name operators by their uid, or where they have none by their name: ${[...operators].join(", ")}.`,
  });
}

function checkLimit(what: string, count: number, max: number): void {
  if (count <= max) return;
  throw jobError("job-too-large", {
    message: `The job has ${count} ${what}; at most ${max} are allowed.`,
    next: "Split it into several jobs that speak through streams.",
  });
}

function validateEdges({ nodes }: Graph): void {
  for (const [position, node] of nodes.entries()) {
    if (node.id !== position) throw edgeInvalid(node, `has the id ${node.id} at place ${position}`);
    const count = node.inputs.length;
    if (node.kind === "sink" && count === 0) throw sinkUnfed(node);
    if (!inputsAreRight[specOf(node).inputs](count)) throw edgeInvalid(node, `has ${count} inputs`);
    for (const { from } of node.inputs) {
      if (!Number.isInteger(from) || from < 0 || from >= nodes.length)
        throw edgeInvalid(node, `takes its input from node ${from}, which isn't there`);
      if (from >= node.id) throw cycle(node, nodes[from] as Node);
    }
  }
}

const inputsAreRight = {
  none: (count: number) => count === 0,
  one: (count: number) => count === 1,
  two: (count: number) => count === 2,
  many: (count: number) => count > 0,
  "one and broadcast": (count: number) => count === 2,
  some: (count: number) => count > 0,
};

function edgeInvalid(node: Node, fault: string): Error {
  return jobError("edge-invalid", {
    ...withUid(node),
    message: `Node ${node.id} (${node.name}) ${fault}.`,
    next: "Build graphs with defineJob; ids are positions, and inputs are nodes before their own.",
  });
}

function cycle(node: Node, from: Node): Error {
  return jobError("graph-cyclic", {
    ...withUid(node),
    message: `Node ${node.id} (${node.name}) takes its input from node ${from.id} (${from.name}), which doesn't come before it.`,
    next: "A dataflow has no loops; write to a stream with a sink, and read it with a source.",
  });
}

function sinkUnfed(node: Node): Error {
  return jobError("sink-unfed", {
    ...withUid(node),
    message: `Nothing feeds the ${named(node)}.`,
    next: "Give it an input: stream.sinkTo(sink, { uid }).",
  });
}
