import type { Graph, Node, WindowComputation } from "../graph/node.ts";
import { checkSynchronous } from "../graph/synchronous.ts";
import { named } from "./place.ts";

/**
 * Refuses asynchronous functions and generators where nothing would wait for them or run them.
 * @throws MillraceError `function-asynchronous`
 */
export function validateFunctions(graph: Graph): void {
  for (const node of graph.nodes) {
    const uid = node.uid === undefined ? {} : { uid: node.uid };
    const takesGenerators =
      node.kind === "flatMap" || (node.kind === "window" && node.compute.kind === "process");
    for (const [name, fn] of Object.entries(functionsOf(node))) {
      const what = name === "" ? `the ${named(node)}` : `${name} of the ${named(node)}`;
      checkSynchronous(fn, { what, takesGenerators, ...uid });
    }
  }
}

/** The users' functions of a node, by their names. */
function functionsOf(node: Node): Readonly<Record<string, unknown>> {
  switch (node.kind) {
    case "source":
      return {
        schema: node.source.schema["~standard"].validate,
        timestamp: node.watermarks.timestamp,
        partitionedBy: node.partitionedBy,
      };
    case "map":
    case "filter":
    case "flatMap":
      return { "": node.fn };
    case "reduce":
      return { "": node.fn, retract: node.retract, migrate: node.migrate };
    case "keyBy":
      return { "": node.select };
    case "process": {
      const { onElement, onTimer } = node.definition;
      return { onElement, ...onTimer };
    }
    case "window":
      return { ...functionsOfWindow(node.compute), migrate: node.migrate };
    case "changelog":
    case "union":
    case "sink":
      return {};
  }
}

function functionsOfWindow(compute: WindowComputation): Readonly<Record<string, unknown>> {
  switch (compute.kind) {
    case "aggregate": {
      const { create, add, retract, result, merge } = compute.aggregate;
      return { create, add, retract, result, merge, "result function": compute.result };
    }
    case "reduce":
      return { reduce: compute.reduce, "result function": compute.result };
    case "process":
      return { process: compute.process };
  }
}
