import type { StateDeclaration, StateDeclarations } from "../graph/state-declarations.ts";
import type { OperatorState } from "./spec.ts";
import { versioned } from "./versioned.ts";

/** What is reduced or aggregated is kept as one value. */
function keptKind({ kind }: StateDeclaration): "value" | "list" | "map" {
  return kind === "reducing" || kind === "aggregating" ? "value" : kind;
}

/** States that functions declare, as they are planned. */
export function declaredStates(declarations: StateDeclarations = {}): readonly OperatorState[] {
  return Object.entries(declarations).map(([name, declaration]) => ({
    name,
    kind: keptKind(declaration),
    ...versioned(declaration),
  }));
}

/** Their kinds by name: what of them a plan is told by. */
export function declaredKinds(
  declarations: StateDeclarations = {},
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(declarations).map(([name, declaration]) => [name, keptKind(declaration)]),
  );
}
