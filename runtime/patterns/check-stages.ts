import { jobError } from "../errors/millrace-error.ts";
import type { PatternNode } from "../graph/pattern.ts";
import type { Nfa, NfaState } from "./nfa.ts";
import { isNegative, namedStages, type Stage, stageText } from "./stage.ts";

/** @throws MillraceError `pattern-invalid` */
export function refusePattern(message: string, next: string, uid?: string): never {
  throw jobError("pattern-invalid", { message, next, ...(uid !== undefined && { uid }) });
}

/** Rules for a stage that is added, or changed. @throws MillraceError `pattern-invalid` */
export function checkStages(stages: readonly Stage[]): void {
  const last = stages.at(-1) as Stage;
  const previous = stages.at(-2);
  const names = namedStages(stages).map(({ name = "" }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    refusePattern(`Two stages of a pattern are called "${twice}".`, "Give each a name of its own.");
  if (isNegative(last) && previous?.optional === true)
    refusePattern(
      `${stageText(last)} must not follow a stage that may be left out.`,
      "Look for two patterns, one with the stage before it and one without.",
    );
}

/** Rules for a pattern as a whole. @throws MillraceError `pattern-invalid` */
export function checkPattern(
  node: Pick<PatternNode, "uid" | "afterMatch" | "pattern">,
  stages: readonly Stage[],
  nfa: Nfa,
): void {
  const { uid, afterMatch } = node;
  const last = stages.at(-1) as Stage;
  const waits = nfa.withinMs ?? last.withinPreviousMs;
  if (last.contiguity === "notFollowedBy" && waits === undefined)
    refusePattern(
      `The pattern of "${uid}" ends with ${stageText(last)}, which must not follow, and no time in which it must not.`,
      "Say within({ minutes: 10 }), for example: the pattern has matched when that time is over.",
      uid,
    );
  const { withinMs = Infinity } = nfa;
  const longer = namedStages(stages).find(
    ({ withinPreviousMs = 0, loopWithinMs = 0 }) =>
      Math.max(withinPreviousMs, loopWithinMs) > withinMs,
  );
  if (longer !== undefined)
    refusePattern(
      `${stageText(longer)} of "${uid}" may wait longer than the whole pattern.`,
      "Make the time between two elements shorter than that of the match.",
      uid,
    );
  if ("stage" in afterMatch && !node.pattern.stages.includes(afterMatch.stage))
    refusePattern(
      `"${uid}" skips to stage "${afterMatch.stage}", which its pattern has not.`,
      `The stages are ${node.pattern.stages.map((name) => `"${name}"`).join(", ")}.`,
      uid,
    );
  const endless = nfa.states.find((state) => proceedsTo(state, state));
  if (endless !== undefined)
    refusePattern(
      `A group of "${uid}" that is repeated may be empty: it would be repeated for ever.`,
      "Make one of its stages required.",
      uid,
    );
}

/** Whether a state leads to another without an element. */
function proceedsTo(from: NfaState, to: NfaState): boolean {
  const seen = new Set<NfaState>([from]);
  for (const state of seen)
    for (const { action, target } of state.transitions) {
      if (action !== "proceed") continue;
      if (target === to) return true;
      seen.add(target);
    }
  return false;
}
