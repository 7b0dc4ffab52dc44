import { jobError } from "../errors/millrace-error.ts";
import type { Graph, WindowNode } from "../graph/node.ts";
import { areSessions, timeOfWindows } from "../graph/window-assigner.ts";
import { checkEventTime } from "../operators/event-time-sources.ts";
import { named, withUid } from "../plan/place.ts";
import { elementsName, sessionsName, timersName, windowsName } from "../plan/state-names.ts";
import { triggerDefinition } from "../triggers/trigger-definition.ts";

/** Refuses windows that could not do what they are to do. @throws MillraceError of the job domain */
export function checkWindow(node: WindowNode, graph: Graph): void {
  checkSession(node);
  checkTrigger(node);
  if (timeOfWindows(node.assigner) === "event")
    checkEventTime(node, graph, {
      code: "window-without-watermarks",
      would: "would never fire",
    });
  checkVersion(node);
  checkNames(node);
}

function checkSession(node: WindowNode): void {
  const { assigner, compute } = node;
  if (!areSessions(assigner) || compute.kind !== "aggregate") return;
  if (compute.aggregate.merge !== undefined) return;
  throw jobError("session-merge-missing", {
    ...withUid(node),
    message: `The aggregate of session ${named(node)} has no merge: sessions grow together.`,
    next: "Give the aggregate merge(left, right), which joins two accumulators.",
  });
}

function checkTrigger(node: WindowNode): void {
  const { assigner, trigger, accumulation } = node;
  if (trigger === undefined) return;
  const { name, purges, onMerge } = triggerDefinition(trigger);
  if (areSessions(assigner) && onMerge === undefined)
    throw jobError("trigger-merge-missing", {
      ...withUid(node),
      message: `The trigger "${name}" of session ${named(node)} has no onMerge: sessions grow together.`,
      next: "Give it onMerge(ctx), which sets state and timers from those of ctx.merged, or use windows of one size.",
    });
  if (purges === true && (accumulation === "accumulating" || accumulation === "retracting"))
    throw jobError("accumulation-invalid", {
      ...withUid(node),
      message: `The ${named(node)} is to be ${accumulation}, but its trigger "${name}" purges: it has nothing to accumulate.`,
      next: 'Leave accumulation out, or say "discarding".',
    });
}

const ownNames: readonly string[] = [windowsName, sessionsName, elementsName, timersName];

function checkNames(node: WindowNode): void {
  const reserved = Object.keys(node.globalState ?? {}).find((name) => ownNames.includes(name));
  if (reserved === undefined) return;
  throw jobError("state-name-reserved", {
    ...withUid(node),
    message: `The ${named(node)} declares a state "${reserved}": windows keep their own under that name.`,
    next: "Give the state another name.",
  });
}

function checkVersion(node: WindowNode): void {
  if (node.compute.kind !== "aggregate" || node.evictor !== undefined) return;
  if (node.version === undefined && node.migrate === undefined) return;
  throw jobError("state-version-invalid", {
    ...withUid(node),
    message: `The ${named(node)} has a version or migrate of its elements, but keeps an accumulator.`,
    next: "An aggregate takes them beside create and add.",
  });
}
