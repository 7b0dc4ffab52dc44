import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { AnyValue } from "../graph/node.ts";
import type { AfterMatch } from "../graph/pattern.ts";
import { murmur3 } from "../serde/murmur3.ts";
import { checkPattern, refusePattern } from "./check-stages.ts";
import { compileNfa } from "./compile-nfa.ts";
import { dataCondition } from "./data-condition.ts";
import type { Nfa } from "./nfa.ts";
import type { PatternData, StageData } from "./pattern-data.ts";
import { patternsOf, stagesOf } from "./patterns-of.ts";
import { isNegative } from "./stage.ts";

/** A pattern that came as data, compiled. */
export interface CompiledData {
  readonly nfa: Nfa;
  readonly afterMatch: AfterMatch<string>;
  readonly signature: number;
  /** Names of the stages whose elements a match has. */
  readonly stages: readonly string[];
}

const stagesMax = 30;
const timesMax = 100;
/** A hundred years: the end of a match that has begun must be a time as well. */
const withinMaxMs = 100 * 366 * 86_400_000;
const contiguities = ["next", "followedBy", "followedByAny", "notNext", "notFollowedBy"];
const strategies = ["noSkip", "skipToNext", "skipPastLastEvent", "skipToFirst", "skipToLast"];

/** @throws MillraceError `pattern-invalid` */
export function compileData(id: string, data: PatternData): CompiledData {
  const { stages: given, withinMs, afterMatch = { kind: "noSkip" } } = data;
  if (!Array.isArray(given) || given.length === 0 || given.length > stagesMax)
    refusePattern(`Pattern "${id}" has no stages, or more than ${stagesMax}.`, "Give it some.");
  if (!Number.isInteger(withinMs) || withinMs <= 0)
    refusePattern(
      `Pattern "${id}" has no withinMs: what begins to match would be kept for ever.`,
      "Give it the longest time from the first element to the last, in milliseconds above 0.",
    );
  if (withinMs > withinMaxMs)
    refusePattern(
      `The withinMs of pattern "${id}" is ${withinMs}.`,
      `It must be at most ${withinMaxMs}, a hundred years.`,
    );
  if (!strategies.includes(afterMatch.kind))
    refusePattern(`Pattern "${id}" has an unknown afterMatch.`, `Take ${strategies.join(", ")}.`);
  const names = given.map(({ name }: StageData) => name);
  let made: AnyValue;
  for (const stage of given) made = added(made, stage, names);
  made = made.within({ milliseconds: withinMs });
  const stages = stagesOf(made);
  const nfa = compileNfa(stages);
  checkPattern({ uid: id, afterMatch, pattern: made.definition }, stages, nfa);
  return {
    nfa,
    afterMatch,
    signature: murmur3(utf8ToBytes(JSON.stringify(data))),
    stages: stages.filter((stage) => !isNegative(stage)).map(({ name = "" }) => name),
  };
}

function added(before: AnyValue, stage: StageData, names: readonly string[]): AnyValue {
  const { name, contiguity = "followedBy", where, times = 1, loop, optional, greedy } = stage;
  if (typeof name !== "string" || !contiguities.includes(contiguity))
    return refusePattern("A stage has no name, or follows in a way that is unknown.", "Name it.");
  let made: AnyValue =
    before === undefined ? patternsOf<unknown>().begin(name) : before[contiguity](name);
  if (where !== undefined) made = made.where(dataCondition(where, names));
  const [from, to] = typeof times === "number" ? [times, times] : times;
  if (Math.max(from, to ?? 0) > timesMax)
    refusePattern(`Stage "${name}" is to come too often.`, `At most ${timesMax} times.`);
  if (to === null) made = made.timesOrMore(from);
  else if (from !== 1 || to !== 1) made = made.times(from, to);
  if (loop === "consecutive") made = made.consecutive();
  if (loop === "combinations") made = made.allowCombinations();
  if (optional === true) made = made.optional();
  return greedy === true ? made.greedy() : made;
}
