import { jobError } from "../errors/millrace-error.ts";
import type { Graph, Node, WindowComputation, WindowNode } from "../graph/node.ts";
import { nodeAt } from "../graph/node-at.ts";
import { keyed } from "../operators/keyed.ts";
import type { Changes, OperatorSpec, OperatorState } from "../operators/spec.ts";
import { versioned } from "../operators/versioned.ts";
import { named, withUid } from "../plan/place.ts";
import { elementsName, sessionsName, windowsName } from "../plan/state-names.ts";
import { windowOperator } from "./window-operator.ts";

export const window: OperatorSpec<WindowNode> = {
  inputs: "one",
  functions: ({ compute, migrate }) => ({ ...functionsOf(compute), migrate }),
  takesGenerators: ({ compute }) => compute.kind === "process",
  states: windowStates,
  identity: ({ assigner, compute }) => ({ assigner, compute: compute.kind }),
  sideOutputs: {
    has: ({ lateTag }, tag) => lateTag === tag,
    next: "Give the window lateOutput with that tag; windows have no other side output.",
    passInput: true,
  },
  changelog: {
    refuses: refusedChanges,
    gives: (cause, given) =>
      given !== undefined || firesAgain(cause)
        ? { cause, why: whyOf(cause), isTimeStable: true }
        : undefined,
    needsBefore: () => true,
  },
  check: (node, graph) => {
    checkSession(node);
    checkEventTime(node, graph);
    checkVersion(node);
  },
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

/** The user's values are accumulators within the windows, or elements beside them. */
function windowStates(node: WindowNode): readonly OperatorState[] {
  const { assigner, compute } = node;
  const areSessions = assigner.kind === "session";
  const kind = areSessions ? "sessions" : "windows";
  const name = areSessions ? sessionsName : windowsName;
  const planned = { assigner, compute: compute.kind };
  if (compute.kind === "process")
    return [
      {
        name: elementsName,
        kind: areSessions ? "session-elements" : "window-elements",
        ...versioned(node),
      },
      { name, kind, version: 1, window: planned },
    ];
  const kept = compute.kind === "aggregate" ? compute.aggregate : node;
  return [{ name, kind, ...versioned(kept), window: planned }];
}

function refusedChanges({ assigner, compute }: WindowNode, given: Changes): string | undefined {
  if (!given.isTimeStable)
    return "The time of a rolling result moves with each element, so that it belongs to no window. Put the window before it";
  if (assigner.kind === "session")
    return "A session can't be taken apart again when an element is withdrawn. Use fixed windows";
  if (compute.kind === "aggregate" && compute.aggregate.retract === undefined)
    return "Give its aggregate retract(accumulator, value), which takes a value out again";
  if (compute.kind === "reduce")
    return "Use aggregate with retract(accumulator, value), which takes a value out again";
  return undefined;
}

function firesAgain({ allowedLatenessMs, trigger }: WindowNode): boolean {
  return allowedLatenessMs > 0 || trigger !== undefined;
}

function whyOf({ allowedLatenessMs, trigger }: WindowNode): string {
  if (allowedLatenessMs > 0) return "fires again for late elements";
  if (trigger !== undefined) return "fires before its end as well";
  return "changes its results when its input is changed";
}

function checkSession(node: WindowNode): void {
  const { assigner, compute } = node;
  if (assigner.kind !== "session" || compute.kind !== "aggregate") return;
  if (compute.aggregate.merge !== undefined) return;
  throw jobError("session-merge-missing", {
    ...withUid(node),
    message: `The aggregate of session ${named(node)} has no merge: sessions grow together.`,
    next: "Give the aggregate merge(left, right), which joins two accumulators.",
  });
}

function checkEventTime(node: WindowNode, graph: Graph): void {
  for (const source of sourcesOf(graph, node)) {
    if (source.kind !== "source" || source.watermarks.kind !== "none") continue;
    throw jobError("window-without-watermarks", {
      ...withUid(node),
      message: `The ${named(node)} would never fire: the ${named(source)} has no watermarks.`,
      next: `Give source "${source.uid}" boundedOutOfOrderness or monotonousTimestamps; without a timestamp function they take the time of arrival.`,
    });
  }
}

function sourcesOf(graph: Graph, node: Node): readonly Node[] {
  const seen = new Set<Node>([node]);
  for (const found of seen) for (const { from } of found.inputs) seen.add(nodeAt(graph, from));
  return [...seen];
}

function checkVersion(node: WindowNode): void {
  if (node.compute.kind !== "aggregate") return;
  if (node.version === undefined && node.migrate === undefined) return;
  throw jobError("state-version-invalid", {
    ...withUid(node),
    message: `The ${named(node)} has a version or migrate of its elements, but keeps an accumulator.`,
    next: "An aggregate takes them beside create and add.",
  });
}
