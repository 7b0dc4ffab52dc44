import type { AfterMatch, PatternNode } from "../../../runtime/graph/pattern.ts";
import type { AnyValue } from "../../../runtime/graph/node.ts";
import type { OperatorParts, KeyedOperator } from "../../../runtime/operators/contract.ts";
import {
  noSkip,
  patternsOf,
  skipPastLastEvent,
  skipToFirst,
  skipToLast,
  skipToNext,
} from "../../../runtime/patterns/index.ts";
import { harness } from "../windows/harness.ts";

/**
 * Patterns in words, so that one line says the same here and to Flink: `begin x=a oneOrMore ; followedBy y=bc optional`. Stage x takes elements whose
 * letter is "a", y those of "b" and "c". Elements are a letter with a number: "a1".
 */
export function patternOfWords(words: string): AnyValue {
  return parse(words.split(/ +/));
}

function parse(words: string[]): AnyValue {
  let pattern: AnyValue = patternsOf<string>();
  while (words.length > 0 && words[0] !== ")") {
    const how = words.shift() as string;
    const what = words.shift() as string;
    const [name = "", letters = ""] = what.split("=");
    if (what === "(") {
      pattern = pattern[how](parse(words));
      words.shift();
    } else {
      const isUp = words.slice(0, [...words, ";"].indexOf(";")).includes("up");
      pattern = pattern[how](name).where(isUp ? rising(name, letters) : oneOf(letters));
    }
    for (let word = words[0]; word !== undefined && word !== ")"; word = words[0]) {
      words.shift();
      if (word === ";") break;
      pattern = quantified(pattern, word);
    }
  }
  return pattern;
}

const oneOf = (letters: string) => (element: string) => letters.includes(element.charAt(0));
const numberOf = (element: string): number => Number(element.slice(1));

/** Sees the match so far: the number must be above all that the stage has taken. */
function rising(stage: string, letters: string) {
  return (element: string, { matched }: { readonly matched: Record<string, readonly string[]> }) =>
    letters.includes(element.charAt(0)) &&
    (matched[stage] ?? []).every((earlier) => numberOf(earlier) < numberOf(element));
}

function quantified(pattern: AnyValue, given: string): AnyValue {
  const [word = "", loopMs] = given.split("@");
  const [quantifier = "", ...parts] = word.split(/[:,]/);
  const numbers = parts.map(Number);
  const within = loopMs === undefined ? [] : [{ milliseconds: Number(loopMs) }];
  const ms = { milliseconds: numbers[0] };
  switch (quantifier) {
    case "up":
      return pattern;
    case "more":
      return pattern.timesOrMore(...numbers, ...within);
    case "times":
    case "oneOrMore":
      return pattern[quantifier](...numbers, ...within);
    case "combinations":
      return pattern.allowCombinations();
    case "until":
      return pattern.until(oneOf(parts[0] as string));
    case "within":
      return pattern.within(ms);
    case "prev":
      return pattern.within(ms, "previousAndCurrent");
    default:
      return pattern[quantifier]();
  }
}

const strategies = { noSkip, skipToNext, skipPastLastEvent, skipToFirst, skipToLast };

export function strategyOfWords(words: string): AfterMatch<string> {
  const [name, stage = ""] = words.split(" ");
  return strategies[name as keyof typeof strategies](stage);
}

/** What a match has, in words: "x:a1,a2|y:b1". */
export function matchText(match: Readonly<Record<string, readonly string[]>>): string {
  return Object.keys(match)
    .filter((stage) => match[stage]?.length !== 0)
    .toSorted()
    .map((stage) => `${stage}:${match[stage]?.join(",")}`)
    .join("|");
}

/** The operator of a pattern in words, which emits its matches in words. */
export function patternNode(words: string, rest: Partial<PatternNode> = {}): PatternNode {
  const node: PatternNode = {
    kind: "pattern",
    id: 1,
    name: "found",
    uid: "found",
    inputs: [],
    pattern: patternOfWords(words).definition,
    time: "event",
    afterMatch: noSkip(),
    lateTag: "late",
    state: {},
    onMatch: (match, context) => context.emit(matchText(match)),
    onTimedOut: (match, context) => context.output({ tag: "timeout" }, matchText(match)),
    ...rest,
  };
  node.pattern.check(node);
  return node;
}

export function patternHarness(node: PatternNode) {
  const create = node.pattern.operator as (
    node: PatternNode,
    parts: OperatorParts,
  ) => KeyedOperator;
  const one = harness((parts) => create(node, parts));
  const told = () =>
    one.take().map(({ value, timestampMs, tag }) => {
      const what = `${String(value)}@${timestampMs}`;
      return tag === undefined ? what : `${tag} ${what}`;
    });
  return { ...one, told };
}

/**
 * What a pattern tells of elements in words: "a1@5" comes at 5 ms with a watermark of that time behind it, "a1!@5" without one, "w@9" is a
 * watermark alone. Cold: each of them is met by an operator that has just loaded the state.
 */
export function answersTo(node: PatternNode, elements: string, isCold = false): readonly string[] {
  let one = patternHarness(node);
  return elements.split(" ").flatMap((step) => {
    if (isCold) one = loaded(one, node);
    const [what = "", ms] = step.split("@");
    const element = what.replace("!", "");
    if (what !== "w") one.element("k", element, Number(ms));
    if (what === element) {
      if (isCold) one = loaded(one, node);
      one.watermark(Number(ms));
    }
    return one.told();
  });
}

/** Another operator, with what one has committed. */
export function loaded(one: ReturnType<typeof patternHarness>, node: PatternNode) {
  const { watermarkMs } = one.subtask;
  one.commit();
  const other = patternHarness(node);
  other.apply(one.state.snapshot(), watermarkMs);
  return other;
}
