import type { PatternNode } from "../graph/pattern.ts";
import { synchronous } from "../graph/synchronous.ts";
import { failIn, type OperatorParts, type Push } from "../operators/contract.ts";
import { copyInPassing } from "../serde/copy-value.ts";
import type { Matched, TimedOut } from "./matcher.ts";

/** Hands matches and what timed out to the user's functions. */
export function matchOutput(node: PatternNode, { runtime, output }: OperatorParts) {
  const { uid = node.name, onMatch, onTimedOut, timedOutTag } = node;
  const { stages } = node.pattern;
  const sides = new Map<string, Push>();

  function side(tag: string): Push {
    let push = sides.get(tag);
    if (push === undefined) sides.set(tag, (push = output.side(tag)));
    return push;
  }

  /** Copies: the elements are kept, and other matches have them as well. */
  function stagesOf(elements: Matched): Readonly<Record<string, readonly unknown[]>> {
    const match = emptyMatch(stages);
    for (const { stage, value } of elements) match[stage]?.push(copyInPassing(value));
    return match;
  }

  function call(fn: PatternNode["onMatch"], elements: Matched, times: Times): void {
    const given: [Push, unknown][] = [];
    // What fails behind the function is not its own failure: it is given on when the function has ended.
    const give = (push: Push, value: unknown): void =>
      void given.push([push, copyInPassing(synchronous(value, "emit"))]);
    try {
      const context = {
        key: runtime.current.key,
        timestampMs: times.timestampMs,
        nowMs: runtime.nowMs,
        emit: (value: unknown) => give(output.emit, value),
        output: ({ tag }: { readonly tag: string }, value: unknown) => give(side(tag), value),
      };
      synchronous(fn(stagesOf(elements), context), "the pattern's function");
    } catch (thrown) {
      failIn(uid, thrown);
    }
    for (const [push, value] of given) push(value, times.resultMs, "insert");
  }

  return {
    matched(matches: readonly Matched[], times: Times): void {
      for (const elements of matches) call(onMatch, elements, times);
    },
    timedOut(runs: readonly TimedOut[], resultMs: (timestampMs: number) => number): void {
      for (const { elements, timestampMs } of runs) {
        const times = { timestampMs, resultMs: resultMs(timestampMs) };
        if (timedOutTag !== undefined)
          side(timedOutTag)(stagesOf(elements), times.resultMs, "insert");
        if (onTimedOut !== undefined) call(onTimedOut, elements, times);
      }
    },
  };
}

interface Times {
  /** What the user's function is told. */
  readonly timestampMs: number;
  /** Event time of its results. */
  readonly resultMs: number;
}

/** Every stage with nothing yet. */
export function emptyMatch(stages: readonly string[]): Record<string, unknown[]> {
  return Object.fromEntries(stages.map((stage) => [stage, []]));
}
