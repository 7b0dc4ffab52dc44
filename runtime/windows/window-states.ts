import type { WindowNode } from "../graph/node.ts";
import { areSessions, type WindowAssigner } from "../graph/window-assigner.ts";
import { declaredStates } from "../operators/declared-states.ts";
import type { OperatorState } from "../operators/spec.ts";
import { versioned } from "../operators/versioned.ts";
import type { PlannedAssigner, PlannedWindow } from "../plan/plan.ts";
import { elementsName, sessionsName, timersName, windowsName } from "../plan/state-names.ts";
import { keptBy } from "../triggers/trigger-definition.ts";
import { plainTrigger, triggerOfFunctions } from "./window-kind.ts";

/** The user's values are accumulators within the windows, or elements beside them. */
export function windowStates(node: WindowNode): readonly OperatorState[] {
  const states: OperatorState[] = [ownState(node)];
  const kind = elementsKind(node);
  if (kind !== undefined) states.push({ name: elementsName, kind, ...versioned(node) });
  if (plainTrigger(node) === undefined)
    states.push({ name: timersName, kind: "window-timers", version: 1 });
  states.push(...declaredStates(node.globalState));
  return states.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function ownState(node: WindowNode): OperatorState {
  const { compute } = node;
  const kept = compute.kind === "aggregate" ? compute.aggregate : node;
  return {
    ...(isSession(node)
      ? { name: sessionsName, kind: "sessions" }
      : { name: windowsName, kind: "windows" }),
    ...(elementsKind(node) === undefined ? versioned(kept) : { version: 1 }),
    window: plannedWindow(node),
  };
}

/** How elements are kept; undefined where they are not. */
function elementsKind(node: WindowNode): OperatorState["kind"] | undefined {
  if (node.evictor !== undefined) return "timed-elements";
  if (node.compute.kind !== "process") return undefined;
  return isSession(node) ? "session-elements" : "window-elements";
}

function isSession({ assigner }: WindowNode): boolean {
  return areSessions(assigner);
}

function plannedAssigner(assigner: WindowAssigner): PlannedAssigner {
  if (assigner.kind !== "dynamic-session") return assigner;
  const { gap: _, ...planned } = assigner;
  return planned;
}

/** What of windows their state depends on. */
export function plannedWindow(node: WindowNode): PlannedWindow {
  const { assigner, compute, evictor } = node;
  return {
    assigner: plannedAssigner(assigner),
    compute: compute.kind,
    ...(plainTrigger(node) === undefined && {
      triggered: true,
      trigger: keptBy(triggerOfFunctions(node)),
    }),
    ...(evictor !== undefined && { evicts: true }),
  };
}
