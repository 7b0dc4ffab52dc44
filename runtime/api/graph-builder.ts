import { jobError } from "../errors/millrace-error.ts";
import type { Edge, Graph, JobOptions, Node } from "../graph/node.ts";
import { definedAt } from "./defined-at.ts";

type OmitEach<N> = N extends Node ? Omit<N, "id" | "name" | "definedAt"> : never;

/** A node before it has its place in the graph. */
export type NodeDraft = OmitEach<Node>;

/** Collects the nodes of one job while its build function runs. */
export interface GraphBuilder {
  readonly job: string;
  /** Adds a frozen node and answers the edge that its output is. `method` is the public function that the user called. */
  add(draft: NodeDraft, method: unknown): Edge;
  /** Ends the definition: streams that escaped the build function can't add to it. */
  finish(options: JobOptions): Graph;
}

export function graphBuilder(job: string): GraphBuilder {
  const nodes: Node[] = [];
  let finished = false;
  return {
    job,
    add(draft, method) {
      if (finished) throw alreadyBuilt(job);
      const id = nodes.length;
      const place = definedAt(method);
      const node = {
        ...draft,
        id,
        name: draft.uid ?? draft.kind,
        inputs: Object.freeze(draft.inputs.map((edge) => Object.freeze(edge))),
        ...(place !== undefined && { definedAt: place }),
      } as Node;
      nodes.push(Object.freeze(node));
      return { from: id };
    },
    finish(options) {
      finished = true;
      return Object.freeze({ job, nodes: Object.freeze(nodes), options });
    },
  };
}

function alreadyBuilt(job: string): Error {
  return jobError("job-already-built", {
    message: `A stream of job "${job}" was used after the job's build function had returned.`,
    next: "Define all of the job inside the function given to defineJob; it must not be asynchronous.",
  });
}
