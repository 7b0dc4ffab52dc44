import { jobError } from "../errors/millrace-error.ts";
import type { Node } from "../graph/node.ts";
import { statesOf } from "../operators/registry.ts";
import type { OperatorState } from "../operators/spec.ts";
import { named, withUid } from "../plan/place.ts";

/** Versions of states are whole numbers from 1, migrations are functions, and both stand where they have an effect. */
export function validateStates(node: Node): void {
  for (const state of statesOf(node)) validateState(node, state);
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
