import type { StateDeclaration, StateDeclarations } from "../graph/state-declarations.ts";
import type { Ttl } from "../graph/state-ttl.ts";
import type { OperatorState } from "./spec.ts";
import { versioned } from "./versioned.ts";

/** What is reduced or aggregated is kept as one value. */
function keptAs({ kind, ttl }: StateDeclaration): Pick<OperatorState, "kind" | "ttl"> {
  return expiringKind(kind === "reducing" || kind === "aggregating" ? "value" : kind, ttl);
}

const expiringKinds = {
  value: "expiring-value",
  list: "expiring-list",
  map: "expiring-map",
} as const;

/** How a state is kept, with and without a time to live. How long that is, is no part of a plan. */
export function expiringKind(
  kind: "value" | "list" | "map",
  ttl: Ttl | undefined,
): Pick<OperatorState, "kind" | "ttl"> {
  return ttl === undefined ? { kind } : { kind: expiringKinds[kind], ttl: ttl.time };
}

/** States that functions declare, as they are planned. */
export function declaredStates(declarations: StateDeclarations = {}): readonly OperatorState[] {
  return Object.entries(declarations).map(([name, declaration]) => ({
    name,
    ...keptAs(declaration),
    ...versioned(declaration),
  }));
}

/** Their kinds by name: what of them a plan is told by. */
export function declaredKinds(
  declarations: StateDeclarations = {},
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(declarations).map(([name, declaration]) => [
      name,
      kindText(keptAs(declaration)),
    ]),
  );
}

/** A kind with what else tells plans apart. */
export function kindText({ kind, ttl }: Pick<OperatorState, "kind" | "ttl">): string {
  return ttl === undefined ? kind : `${kind} by ${ttl} time`;
}
