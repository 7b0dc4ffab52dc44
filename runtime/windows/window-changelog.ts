import type { WindowNode } from "../graph/node.ts";
import { areSessions } from "../graph/window-assigner.ts";
import type { ChangelogOf, Changes } from "../operators/spec.ts";
import { triggerDefinition } from "../triggers/trigger-definition.ts";
import { plainTrigger } from "./window-kind.ts";

/** Which changes windows take and give (docs/changes.md). */
export const windowChangelog: ChangelogOf<WindowNode> = {
  refuses: refusedChanges,
  gives: (cause, given) =>
    given !== undefined || firesAgain(cause)
      ? { cause, why: whyOf(cause), isTimeStable: cause.assigner.kind !== "global" }
      : undefined,
  needsBefore: () => true,
  givesBefore: ({ accumulation }) => accumulation === "retracting",
};

function refusedChanges(node: WindowNode, given: Changes): string | undefined {
  const { assigner, compute } = node;
  if (!given.isTimeStable)
    return "The time of a rolling result moves with each element, so that it belongs to no window. Put the window before it";
  if (areSessions(assigner))
    return "A session can't be taken apart again when an element is withdrawn. Use fixed windows";
  if (plainTrigger(node) === undefined)
    return "Triggers of functions and evictors can't take back what they have seen. Use fixed windows of event time that fire at their end";
  if (compute.kind === "aggregate" && compute.aggregate.retract === undefined)
    return "Give its aggregate retract(accumulator, value), which takes a value out again";
  if (compute.kind === "reduce")
    return "Use aggregate with retract(accumulator, value), which takes a value out again";
  return undefined;
}

/** Whether results of a window may take the place of others. */
function firesAgain({ allowedLatenessMs, trigger, accumulation }: WindowNode): boolean {
  if (accumulation === "discarding" || accumulation === "separate") return false;
  if (trigger !== undefined && triggerDefinition(trigger).purges === true) return false;
  return allowedLatenessMs > 0 || firesEarly(trigger);
}

function firesEarly(trigger: WindowNode["trigger"]): boolean {
  if (trigger === undefined) return false;
  return !("kind" in trigger) || trigger.kind === "continuous-event-time";
}

function whyOf({ allowedLatenessMs, trigger }: WindowNode): string {
  if (allowedLatenessMs > 0) return "fires again for late elements";
  if (firesEarly(trigger)) return "fires before its end as well";
  return "changes its results when its input is changed";
}
