import type { ProcessNode, ReduceNode, WindowNode, Node } from "../graph/node.ts";
import type { MigrateFunction, StateVersion } from "../graph/state-declarations.ts";
import type { PlannedState } from "./plan.ts";

/** A state as it is planned, with the user's function, which a plan can't hold. */
export interface OperatorState extends Omit<PlannedState, "migrates"> {
  readonly migrate?: MigrateFunction<unknown>;
}

/** Names under which operators keep what users don't name. */
export const timersName = "timers";
export const reducedName = "reduced";
export const reducedCountName = "reduced-count";
export const windowsName = "windows";
export const sessionsName = "sessions";
export const elementsName = "elements";

/** What an operator keeps for each key, in the order of the names; nothing for an operator without state. */
export function statesOf(node: Node): readonly OperatorState[] {
  switch (node.kind) {
    case "process":
      return processStates(node);
    case "reduce":
      return reduceStates(node);
    case "window":
      return windowStates(node);
    default:
      return [];
  }
}

/** The same as a plan holds it. */
export function plannedStates(node: Node): readonly PlannedState[] {
  return statesOf(node).map(({ migrate, ...state }) => ({
    ...state,
    ...(migrate !== undefined && { migrates: true as const }),
  }));
}

/** Where elements can be withdrawn they are counted. */
function reduceStates(node: ReduceNode): readonly OperatorState[] {
  const reduced: OperatorState = { name: reducedName, kind: "value", ...versioned(node) };
  if (node.retract === undefined) return [reduced];
  return [reduced, { name: reducedCountName, kind: "value", version: 1 }];
}

function processStates({ definition }: ProcessNode): readonly OperatorState[] {
  const declared = Object.entries(definition.state ?? {});
  const states = declared.map(([name, declaration]): OperatorState => ({
    name,
    kind: declaration.kind,
    ...versioned(declaration),
  }));
  const timers = Object.keys(definition.onTimer ?? {}).toSorted();
  states.push({ name: timersName, kind: "timers", version: 1, timers });
  return states.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/** The user's values are accumulators within the windows, or elements beside them. */
function windowStates(node: WindowNode): readonly OperatorState[] {
  const { assigner, compute } = node;
  const areSessions = assigner.kind === "session";
  const kind = areSessions ? "sessions" : "windows";
  const name = areSessions ? sessionsName : windowsName;
  const window = { assigner, compute: compute.kind };
  if (compute.kind === "process")
    return [
      {
        name: elementsName,
        kind: areSessions ? "session-elements" : "window-elements",
        ...versioned(node),
      },
      { name, kind, version: 1, window },
    ];
  const kept = compute.kind === "aggregate" ? compute.aggregate : node;
  return [{ name, kind, ...versioned(kept), window }];
}

function versioned({ version = 1, migrate }: StateVersion<unknown>) {
  return { version, ...(migrate !== undefined && { migrate }) };
}
