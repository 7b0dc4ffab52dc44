import { jobError } from "../errors/millrace-error.ts";
import type { Graph, Node } from "../graph/node.ts";
import { checkEventTime } from "../operators/event-time-sources.ts";
import { statesOf } from "../operators/registry.ts";
import type { OperatorState } from "../operators/spec.ts";
import { named, withUid } from "../plan/place.ts";

/**
 * Versions of states are whole numbers from 1, migrations are functions, and both stand where they have an effect. What is cleaned up by event time
 * needs some.
 */
export function validateStates(graph: Graph, node: Node): void {
  for (const state of statesOf(node)) {
    validateState(node, state);
    if (state.ttl !== "event") continue;
    checkEventTime(node, graph, {
      code: "state-ttl-without-watermarks",
      would: `would keep its state "${state.name}" for ever, which expires by event time`,
    });
  }
}

function validateState(node: Node, { name, version, migrate }: OperatorState): void {
  if (!Number.isSafeInteger(version) || version < 1)
    throw invalid(node, `gives its state "${name}" the version ${String(version)}`);
  if (migrate !== undefined && typeof migrate !== "function")
    throw invalid(node, `gives its state "${name}" a migrate that is not a function`);
}

function invalid(node: Node, fault: string): Error {
  return jobError("state-version-invalid", {
    ...withUid(node),
    message: `The ${named(node)} ${fault}.`,
    next: "Give a whole number from 1 and a function: valueState({ version: 2, migrate }). An aggregate takes them beside create and add.",
  });
}
