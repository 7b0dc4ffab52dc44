import { describe, expect, test } from "vitest";
import { flinkAnswers } from "./flink-answers.ts";
import { answersTo, patternNode, strategyOfWords } from "./pattern-words.ts";

interface Asked {
  readonly words: string;
  readonly afterMatch: string;
  readonly elements: string;
  readonly answers: readonly string[];
}

const asked = flinkAnswers
  .trim()
  .split("\n")
  .map((line): Asked => {
    const [words = "", afterMatch = "", elements = "", answers = ""] = line.split(" # ");
    return {
      words,
      afterMatch,
      elements,
      answers: answers.split(" ").map((answer) => answer.replaceAll("~", " ")),
    };
  });

/** Time-outs have an order among themselves; Flink tells those of one moment after the matches. */
function sorted(answers: readonly string[]) {
  const isTimeout = (answer: string) => answer.startsWith("timeout");
  return {
    matches: answers.filter((answer) => !isTimeout(answer)),
    timeouts: answers.filter(isTimeout).toSorted(),
  };
}

test("many patterns were asked for", () => {
  expect(asked.length).toBeGreaterThan(100);
});

describe.each([false, true])("asked of an operator that is loaded for each step: %s", (isCold) => {
  test.each(asked)("Flink's answers: $words, $afterMatch", (row) => {
    const node = patternNode(row.words, { afterMatch: strategyOfWords(row.afterMatch) });
    expect(sorted(answersTo(node, row.elements, isCold))).toEqual(sorted(row.answers));
  });
});
