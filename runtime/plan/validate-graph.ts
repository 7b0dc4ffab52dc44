import { jobError } from "../errors/millrace-error.ts";
import type { Graph, Node, WindowNode } from "../graph/node.ts";

const jobNamePattern = /^[A-Za-z][A-Za-z0-9-]{0,62}$/;
const uidPattern = /^[A-Za-z0-9._-]{1,128}$/;
const maxNodes = 1_000;
const maxSources = 100;
const groupCountMax = 32_768;

/** Refuses a graph that can't run; says which operator, where it was written, and what to change. */
export function validateGraph(graph: Graph): void {
  checkJob(graph);
  for (const [id, node] of graph.nodes.entries()) checkEdges(graph, node, id);
  checkUids(graph);
  for (const node of graph.nodes) checkNode(graph, node);
  checkEnds(graph);
}

function checkJob({ job, nodes, options }: Graph): void {
  if (!jobNamePattern.test(job)) {
    throw jobError("job-name-invalid", {
      message: `"${job}" can't be the name of a job.`,
      next: "Use a letter, then up to 62 letters, digits and hyphens.",
    });
  }
  const { maxParallelism } = options;
  const isPowerOfTwo = Number.isInteger(Math.log2(maxParallelism));
  if (!isPowerOfTwo || maxParallelism < 1 || maxParallelism > groupCountMax) {
    throw jobError("max-parallelism-invalid", {
      message: `maxParallelism is ${maxParallelism}.`,
      next: `Use a power of two from 1 to ${groupCountMax}; the default is 1024.`,
    });
  }
  const sources = nodes.filter(({ kind }) => kind === "source").length;
  if (nodes.length > maxNodes || sources > maxSources) {
    throw jobError("job-too-large", {
      message: `The job has ${nodes.length} operators and ${sources} sources.`,
      next: `A job has at most ${maxNodes} operators and ${maxSources} sources; split it.`,
    });
  }
}

function checkEdges({ nodes }: Graph, node: Node, id: number): void {
  if (node.id !== id)
    throw wrong(
      "graph-invalid",
      node,
      `has id ${node.id} at place ${id}`,
      "Build graphs with defineJob.",
    );
  for (const { from } of node.inputs) {
    if (nodes[from] === undefined)
      throw wrong(
        "graph-invalid",
        node,
        `reads operator ${from}, which does not exist`,
        "Build graphs with defineJob.",
      );
    if (from >= id)
      throw wrong(
        "cycle",
        node,
        `reads from operator ${from}, which comes after it: the job has a cycle`,
        "A dataflow has no cycles; write to a stream and read it as a source.",
      );
    if (nodes[from].kind === "sink")
      throw wrong("graph-invalid", node, "reads from a sink", "Read from what feeds the sink.");
  }
}

const needsUid = new Set<Node["kind"]>(["source", "process", "reduce", "window", "sink"]);

function checkUids({ nodes }: Graph): void {
  const known = new Map<string, Node>();
  for (const node of nodes) {
    if (node.uid === undefined || node.uid === "") {
      if (!needsUid.has(node.kind)) continue;
      throw wrong(
        "uid-missing",
        node,
        "has no uid",
        'Give it one, for example { uid: "hourly-counts" }: its state and results are found under it.',
      );
    }
    if (!uidPattern.test(node.uid))
      throw wrong(
        "uid-invalid",
        node,
        "has a uid that can't be used",
        "Use 1 to 128 letters, digits, dots, hyphens and underscores.",
      );
    const other = known.get(node.uid);
    if (other !== undefined)
      throw wrong(
        "uid-duplicate",
        node,
        `has the same uid as ${describe(other)}`,
        "Give each operator a uid of its own.",
      );
    known.set(node.uid, node);
  }
}

function checkNode(graph: Graph, node: Node): void {
  switch (node.kind) {
    case "process":
    case "reduce":
    case "window":
      if (!node.inputs.every(({ from }) => graph.nodes[from]?.kind === "keyBy")) {
        throw wrong(
          "not-keyed",
          node,
          "keeps state but its input is not keyed",
          "Call keyBy before it.",
        );
      }
      if (node.kind === "window") checkWindow(graph, node);
      break;
    case "source":
      checkSharedStream(graph, node.source.stream, node);
      break;
    default:
  }
  for (const { from, tag } of node.inputs) {
    const input = graph.nodes[from] as Node;
    if (tag === undefined) continue;
    if (input.kind !== "process" && input.kind !== "window")
      throw wrong(
        "no-side-output",
        node,
        `reads side output "${tag}" of ${describe(input)}, which has none`,
        "Side outputs come from process functions and windows.",
      );
    if (input.kind === "window" && input.lateTag !== tag)
      throw wrong(
        "no-side-output",
        node,
        `reads side output "${tag}" of ${describe(input)}, which does not emit it`,
        "Give the window this tag as its lateOutput.",
      );
  }
}

function checkWindow(graph: Graph, node: WindowNode): void {
  const untimed = sourcesOf(graph, node).filter(
    (source) => source.kind === "source" && source.watermarks.kind === "none",
  );
  if (untimed[0] !== undefined) {
    throw wrong(
      "window-without-timestamps",
      node,
      `would never fire: ${describe(untimed[0])} has no watermarks`,
      "Give the source a watermark strategy, for example boundedOutOfOrderness({ timestamp, bound }).",
    );
  }
  if (
    node.assigner.kind === "session" &&
    node.compute.kind === "aggregate" &&
    node.compute.aggregate.merge === undefined
  ) {
    throw wrong(
      "aggregate-without-merge",
      node,
      "joins sessions but its aggregate can't merge accumulators",
      "Give the aggregate a merge function.",
    );
  }
}

function checkSharedStream({ nodes }: Graph, stream: string, node: Node): void {
  const other = nodes.find(
    (candidate) =>
      candidate.kind === "source" && candidate.id < node.id && candidate.source.stream === stream,
  );
  if (other !== undefined)
    throw wrong(
      "stream-read-twice",
      node,
      `reads stream "${stream}", which ${describe(other)} reads already`,
      "Use one source and build both branches on it.",
    );
}

/** The sources that an operator's elements come from. */
function sourcesOf(graph: Graph, node: Node): readonly Node[] {
  const found = new Set<Node>();
  const visit = (current: Node): void => {
    if (current.kind === "source") found.add(current);
    for (const { from } of current.inputs) visit(graph.nodes[from] as Node);
  };
  visit(node);
  return [...found];
}

function checkEnds({ nodes, job }: Graph): void {
  if (!nodes.some(({ kind }) => kind === "sink")) {
    throw jobError("job-without-sink", {
      message: `Job "${job}" has no sink: nothing would come of it.`,
      next: "End it with sinkTo.",
    });
  }
  for (const node of nodes) {
    if (node.kind === "sink" && node.inputs.length === 0)
      throw wrong("sink-not-fed", node, "is fed by nothing", "Call sinkTo on a stream.");
    const isRead = nodes.some(({ inputs }) => inputs.some(({ from }) => from === node.id));
    if (node.kind === "source" && !isRead)
      throw wrong(
        "source-not-read",
        node,
        "feeds nothing",
        "Use what env.source returned, or remove the source.",
      );
  }
}

function describe(node: Node): string {
  const name = node.uid === undefined ? node.name : `${node.kind} "${node.uid}"`;
  return node.definedAt === undefined ? name : `${name} (${node.definedAt})`;
}

function wrong(code: string, node: Node, what: string, next: string): Error {
  return jobError(code, {
    message: `${describe(node)} ${what}.`,
    next,
    ...(node.uid === undefined ? {} : { uid: node.uid }),
  });
}
