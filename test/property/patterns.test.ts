import fc from "fast-check";
import { expect, test } from "vitest";
import { answersTo, patternNode } from "../unit/patterns/pattern-words.ts";

type Gap = "next" | "followedBy" | "followedByAny";

/** A stage that takes one letter, `from` to `to` times. */
interface Part {
  readonly gap: Gap;
  readonly letter: string;
  readonly from: number;
  readonly to: number;
  readonly inner: Gap;
}

const words = { next: "consecutive", followedBy: "", followedByAny: "combinations" } as const;

function wordsOf(parts: readonly Part[], withinMs: number): string {
  const stages = parts.map(({ gap, letter, from, to, inner }, at) => {
    const times = to > 1 ? ` times:${from},${to} ${words[inner]}` : "";
    return `${at === 0 ? "begin" : gap} s${at}=${letter}${times}`.trim();
  });
  return `${stages.join(" ; ")} within:${withinMs}`;
}

/** One step of a match: the stage, and how its element follows the one before. */
type Step = Pick<Part, "letter"> & { readonly gap: Gap; readonly stage: number };

/** Every way in which the stages can be repeated. */
function stepsOf(parts: readonly Part[], at = 0): readonly (readonly Step[])[] {
  const part = parts[at];
  if (part === undefined) return [[]];
  const counts = Array.from({ length: part.to - part.from + 1 }, (_, more) => part.from + more);
  return counts.flatMap((count) => {
    const own = Array.from({ length: count }, (_, turn) => ({
      letter: part.letter,
      stage: at,
      gap: turn === 0 ? part.gap : part.inner,
    }));
    return stepsOf(parts, at + 1).map((rest) => [...own, ...rest]);
  });
}

/** Every choice of elements that the definition allows: slow, and without an automaton. */
function plainMatches(parts: readonly Part[], elements: readonly string[], withinMs: number) {
  const choices = (steps: readonly Step[], from: number, begin: number): number[][] => {
    const [step, ...rest] = steps;
    if (step === undefined) return [[]];
    const found: number[][] = [];
    for (let at = from; at < elements.length && at - begin < withinMs; at++) {
      const isTaken = elements[at]?.startsWith(step.letter) === true;
      if (isTaken) for (const more of choices(rest, at + 1, begin)) found.push([at, ...more]);
      if (step.gap === "next" || (isTaken && step.gap === "followedBy")) break;
    }
    return found;
  };
  return stepsOf(parts).flatMap((steps) =>
    elements.flatMap((element, begin) => {
      if (!element.startsWith(steps[0]?.letter ?? "")) return [];
      return choices(steps.slice(1), begin + 1, begin).map((rest) => {
        const all = [begin, ...rest];
        const stages = parts.map((_, stage) => {
          const own = all.filter((_at, step) => steps[step]?.stage === stage);
          return `s${stage}:${own.map((at) => elements[at]).join(",")}`;
        });
        return `${stages.join("|")}@${all.at(-1)}`;
      });
    }),
  );
}

const gap = fc.constantFrom<Gap>("next", "followedBy", "followedByAny");
const part: fc.Arbitrary<Part> = fc
  .record({
    gap,
    inner: gap,
    letter: fc.constantFrom("a", "b", "c"),
    from: fc.integer({ min: 1, max: 2 }),
    more: fc.integer({ min: 0, max: 1 }),
  })
  .map(({ from, more, ...rest }) => ({ ...rest, from, to: from + more }));

test("matches are those that an enumeration of all choices finds", () => {
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 3 }),
      fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 2, max: 12 }),
      (parts, letters, withinMs) => {
        const elements = letters.map((letter, at) => `${letter}${at}`);
        const steps = elements.map((element, at) => `${element}@${at}`).join(" ");
        const found = answersTo(patternNode(wordsOf(parts, withinMs)), steps);
        const matches = found.filter((answer) => !answer.startsWith("timeout"));
        // The same elements can be chosen in two ways, and are then told twice.
        expect(new Set(matches)).toEqual(new Set(plainMatches(parts, elements, withinMs)));
      },
    ),
    { numRuns: 300 },
  );
});
