import { type Duration, durationMs } from "../graph/duration.ts";
import { onlyReads } from "../graph/only-reads.ts";
import type { AnyValue } from "../graph/node.ts";
import { copyInPassing } from "../serde/copy-value.ts";
import { checkStages, refusePattern } from "./check-stages.ts";
import { and, or } from "./conditions.ts";
import { definitionOf } from "./definition-of.ts";
import type { Pattern, Patterns } from "./pattern.ts";
import { type Condition, type Contiguity, isNegative, type Stage, stageText } from "./stage.ts";

/**
 * Patterns of elements of a type.
 * @example
 * const { begin } = patternsOf<Login>();
 * const guessed = begin("failed").where(({ ok }) => !ok).times(3).followedBy("in").where(({ ok }) => ok).within({ minutes: 5 });
 */
export function patternsOf<T>(): Patterns<T> {
  return { begin: (first: AnyValue): AnyValue => pattern([stageOf(first, "next")]) };
}

const single = {
  quantifier: "one",
  from: 1,
  to: 1,
  optional: false,
  greedy: false,
  inner: "relaxed",
} as const;

/** A stage by its name, or a group. */
function stageOf(given: string | object, contiguity: Contiguity): Stage {
  if (typeof given === "string") {
    if (given === "")
      refusePattern("A stage has no name.", "Give it one: matches have its elements under it.");
    return { name: given, contiguity, ...single };
  }
  const group = groups.get(given);
  if (group === undefined)
    return refusePattern("A group is no pattern.", 'Begin it by patternsOf<…>().begin("…").');
  return { group, contiguity, ...single };
}

/** The stages of each pattern, for groups. */
const groups = new WeakMap<object, readonly Stage[]>();

/** The stages of a pattern that was built here. */
export function stagesOf(built: object): readonly Stage[] {
  return groups.get(built) ?? [];
}

type AnyPattern = Pattern<AnyValue, AnyValue, AnyValue>;

function pattern(stages: readonly Stage[]): AnyPattern {
  checkStages(stages);
  const last = stages.at(-1) as Stage;
  const add = (contiguity: Contiguity) => (given: AnyValue) =>
    pattern([...stages, stageOf(given, contiguity)]);
  const change = (fields: Partial<Stage>): AnyPattern =>
    pattern([...stages.slice(0, -1), Object.freeze({ ...last, ...fields })]);

  const made: AnyPattern = {
    definition: definitionOf(stages),
    next: add("next"),
    followedBy: add("followedBy"),
    followedByAny: add("followedByAny"),
    notNext: add("notNext"),
    notFollowedBy: add("notFollowedBy"),
    where: (given: AnyValue) => change({ condition: joined(last, given, and) }),
    or: (given: AnyValue) => change({ condition: joined(last, given, or) }),
    until: (given: AnyValue) => change({ until: untilOf(last, given) }),
    times: (times: number, second?: number | Duration, third?: Duration) =>
      typeof second === "number"
        ? change(timesOf(last, { from: times, to: second, within: third }))
        : change(timesOf(last, { from: times, to: times, within: second })),
    oneOrMore: (within) => change(loopOf(last, 1, within)),
    timesOrMore: (times, within) => change(loopOf(last, times, within)),
    optional: () => change(optionalOf(last, stages.at(-2))),
    greedy: () => change(greedyOf(last)),
    consecutive: () => change(innerOf(last, "consecutive")),
    allowCombinations: () => change(innerOf(last, "combinations")),
    within: (time, of = "firstAndLast") =>
      change({ [of === "firstAndLast" ? "withinMs" : "withinPreviousMs"]: timeOf(time) }),
  };
  groups.set(made, stages);
  return Object.freeze(made);
}

/** A condition that can only read is given what is kept; any other may change it, and gets a copy. */
function given(condition: Condition): Condition {
  if (onlyReads(condition)) return condition;
  return (element, context) => condition(copyInPassing(element), context);
}

function joined(
  stage: Stage,
  condition: Condition,
  join: (one: Condition, other: Condition) => Condition,
): Condition {
  if (stage.group !== undefined)
    refusePattern("A group has no condition of its own.", "Give its stages conditions.");
  return stage.condition === undefined ? given(condition) : join(stage.condition, given(condition));
}

function untilOf(stage: Stage, condition: Condition): Condition {
  if (stage.quantifier !== "looping")
    refusePattern(
      `${stageText(stage)} has an until, and is no loop.`,
      "Call oneOrMore or timesOrMore before it.",
    );
  if (stage.until !== undefined)
    refusePattern(`${stageText(stage)} has two untils.`, "Put both into one condition.");
  return given(condition);
}

/** Each of the times that are counted is a state of its own. */
const timesMax = 100_000;

interface Times {
  readonly from: number;
  readonly to: number;
  readonly within: Duration | undefined;
}

function timesOf(stage: Stage, { from, to, within }: Times): Partial<Stage> {
  checkQuantifiable(stage);
  const isRange = Number.isInteger(from) && Number.isInteger(to);
  if (!isRange || from < 0 || to < Math.max(from, 1) || to > timesMax)
    refusePattern(
      `${stageText(stage)} is to come ${from === to ? from : `${from} to ${to}`} times.`,
      `Write times(3), or times(2, 4): whole numbers, the last one from 1 to ${timesMax}.`,
    );
  const optional = from === 0 ? { optional: true } : {};
  return { quantifier: "times", from: Math.max(from, 1), to, ...optional, ...loopWithin(within) };
}

function loopOf(stage: Stage, from: number, within: Duration | undefined): Partial<Stage> {
  checkQuantifiable(stage);
  if (!Number.isInteger(from) || from < 1 || from > timesMax)
    refusePattern(
      `${stageText(stage)} is to come ${from} times or more.`,
      `Write timesOrMore(2): a whole number from 1 to ${timesMax}. What may be missing is optional.`,
    );
  return { quantifier: "looping", from, to: from, ...loopWithin(within) };
}

const loopWithin = (within: Duration | undefined): Partial<Stage> =>
  within === undefined ? {} : { loopWithinMs: timeOf(within) };

function timeOf(time: Duration): number {
  const ms = durationMs(time);
  if (ms > 0) return ms;
  return refusePattern(
    `A pattern is to match within ${ms} ms.`,
    "Write within({ minutes: 5 }), for example: all of a match takes less.",
  );
}

function checkQuantifiable(stage: Stage): void {
  checkPositive(stage);
  if (stage.quantifier !== "one")
    refusePattern(
      `${stageText(stage)} is repeated in two ways.`,
      "Say once how often it may come.",
    );
}

function checkPositive(stage: Stage): void {
  if (isNegative(stage))
    refusePattern(
      `${stageText(stage)} must not come: it can't be repeated or left out.`,
      "Say it of a stage that is to come.",
    );
}

function optionalOf(stage: Stage, previous: Stage | undefined): Partial<Stage> {
  checkPositive(stage);
  if (previous?.greedy === true)
    refusePattern(
      `${stageText(stage)} may be left out, and stands behind a greedy one.`,
      "Make only one of the two greedy or optional: Flink refuses them as well.",
    );
  if (stage.optional)
    refusePattern(
      `${stageText(stage)} is optional twice.`,
      "Say it once; times(0, …) says it as well.",
    );
  return { optional: true };
}

function greedyOf(stage: Stage): Partial<Stage> {
  checkPositive(stage);
  if (stage.group !== undefined)
    refusePattern("A group can't be greedy.", "Make its stages greedy.");
  if (stage.quantifier === "one" || stage.inner === "combinations")
    refusePattern(
      `${stageText(stage)} can't be greedy: ${stage.quantifier === "one" ? "it is taken once" : "it allows combinations"}.`,
      "Greedy are loops that pass over nothing that they could take.",
    );
  return { greedy: true };
}

function innerOf(stage: Stage, inner: Stage["inner"]): Partial<Stage> {
  if (stage.quantifier === "one")
    refusePattern(
      `${stageText(stage)} is taken once: nothing lies between its elements.`,
      "Call oneOrMore, times or timesOrMore before it.",
    );
  if (stage.inner !== "relaxed")
    refusePattern(
      `${stageText(stage)} is ${stage.inner} already.`,
      "Say either consecutive or allowCombinations, once.",
    );
  return { inner };
}
