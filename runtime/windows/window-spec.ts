import type { WindowComputation, WindowNode } from "../graph/node.ts";
import { keyed } from "../operators/keyed.ts";
import { declaredKinds } from "../operators/declared-states.ts";
import type { OperatorSpec } from "../operators/spec.ts";
import { windowChangelog } from "./window-changelog.ts";
import { checkWindow } from "./window-checks.ts";
import { windowOperator } from "./window-operator.ts";
import { plannedWindow, windowStates } from "./window-states.ts";

export const window: OperatorSpec<WindowNode> = {
  inputs: "one",
  functions: ({ assigner, compute, trigger, evictor, migrate }) => ({
    gap: assigner.kind === "dynamic-session" ? assigner.gap : undefined,
    ...functionsOf(compute),
    ...triggerFunctions(trigger),
    "before of the evictor": evictor?.before,
    "after of the evictor": evictor?.after,
    migrate,
  }),
  takesGenerators: ({ compute }) => compute.kind === "process",
  states: windowStates,
  identity: (node) => ({
    ...plannedWindow(node),
    ...(node.globalState !== undefined && { state: declaredKinds(node.globalState) }),
  }),
  sideOutputs: {
    has: ({ lateTag }, tag) => lateTag === tag,
    next: "Give the window lateOutput with that tag; windows have no other side output.",
    passInput: true,
  },
  changelog: windowChangelog,
  check: checkWindow,
  create: keyed(windowOperator),
};

function functionsOf(compute: WindowComputation): Readonly<Record<string, unknown>> {
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

function triggerFunctions(trigger: WindowNode["trigger"]): Readonly<Record<string, unknown>> {
  if (trigger === undefined || "kind" in trigger) return {};
  const { state, onElement, onEventTime, onProcessingTime, onMerge, clear } = trigger;
  return {
    "state of the trigger": state,
    onElement,
    onEventTime,
    onProcessingTime,
    onMerge,
    clear,
  };
}
