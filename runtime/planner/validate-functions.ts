import type { Graph } from "../graph/node.ts";
import { checkSynchronous } from "../graph/synchronous.ts";
import { specOf } from "../operators/registry.ts";
import { named, withUid } from "../plan/place.ts";

/**
 * Refuses asynchronous functions and generators where nothing would wait for them or run them.
 * @throws MillraceError `function-asynchronous`
 */
export function validateFunctions(graph: Graph): void {
  for (const node of graph.nodes) {
    const spec = specOf(node);
    const takesGenerators = spec.takesGenerators?.(node) ?? false;
    for (const [name, fn] of Object.entries(spec.functions?.(node) ?? {})) {
      const what = name === "" ? `the ${named(node)}` : `${name} of the ${named(node)}`;
      checkSynchronous(fn, { what, takesGenerators, ...withUid(node) });
    }
  }
}
