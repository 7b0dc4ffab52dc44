import { timeMaxMs } from "../graph/event-time.ts";
import type { PatternNode } from "../graph/pattern.ts";
import { failIn, type KeyedOperator, type OperatorParts, sideOf } from "../operators/contract.ts";
import { conditionChecks } from "./condition-checks.ts";
import { elementQueue } from "./element-queue.ts";
import { keptMatches } from "./kept-matches.ts";
import { matchOutput } from "./match-output.ts";
import { matcher as matcherOf } from "./matcher.ts";
import type { Nfa } from "./nfa.ts";
import { begunOf, type KeptRuns } from "./run.ts";
import { sharedBuffer } from "./shared-buffer.ts";

/** A pattern that was compiled. */
export interface Compiled {
  readonly nfa: Nfa;
  readonly signature: number;
}

/**
 * Looks for a pattern in the elements of each key, with the semantics of Flink's CepOperator. In event time an element waits for the watermark
 * to reach its time, and is late at the watermark already. Time-outs happen at their own time, whatever the steps of the watermark.
 */
export function patternOperator(
  { nfa, signature }: Compiled,
  node: PatternNode,
  parts: OperatorParts,
): KeyedOperator {
  const { runtime, output, metrics } = parts;
  const { uid = node.name, time, comparator, lateTag, maxPartialMatches = Infinity } = node;
  const late = sideOf(output, lateTag);
  const queue = time === "event" ? elementQueue(runtime, { uid, comparator }) : undefined;
  const buffer = sharedBuffer(runtime, uid);
  const matcher = matcherOf(nfa, buffer, node.afterMatch);
  const matches = keptMatches(runtime, { uid, signature, time, matcher, buffer });
  const results = matchOutput(node, parts);
  const checks = conditionChecks(uid, node.pattern.stages, { runtime, buffer });

  /** Event time of a result: in processing time an element has its own, and what timed out none but the watermark. */
  const resultMs = (timestampMs: number): number =>
    time === "event" ? timestampMs : momentOf(runtime.watermarkMs);

  function advance(kept: KeptRuns, toMs: number): void {
    const { matches: found, timedOut } = matcher.advance(kept, toMs);
    results.matched(found, { timestampMs: toMs, resultMs: resultMs(toMs) });
    results.timedOut(timedOut, resultMs);
  }

  function take(kept: KeptRuns, value: unknown, timestampMs: number, eventMs: number): void {
    const found = matcher.take(kept, { value, timestampMs }, checks.of(value, timestampMs));
    const begun = begunOf(kept);
    if (begun > maxPartialMatches) failIn(uid, tooMany(begun, maxPartialMatches));
    results.matched(found, { timestampMs, resultMs: eventMs });
  }

  return {
    push(value, timestampMs, change, before) {
      if (queue === undefined) {
        const kept = matches.load();
        advance(kept, runtime.nowMs);
        take(kept, value, runtime.nowMs, timestampMs);
        matches.save(kept);
      } else if (timestampMs > runtime.lateBehindMs) queue.add(timestampMs, value);
      else {
        metrics.late += 1;
        late?.(value, timestampMs, change, before);
      }
    },
    onTimer(timer) {
      const { timeMs } = timer;
      const kept = matches.load();
      if (Number.isFinite(timeMs)) advance(kept, timeMs);
      if (queue?.owns(timer) === true)
        queue.next(timer, (value) => take(kept, value, timeMs, timeMs));
      matches.save(kept);
    },
    passOver(timer) {
      if (queue?.owns(timer) === true) queue.passOver(timer);
      else {
        const kept = matches.load();
        matcher.advance(kept, timer.timeMs);
        matches.save(kept);
      }
    },
    left: (timer) => (queue?.owns(timer) === true ? queue.left(timer) : undefined),
  };
}

/** Event time where there is none but the watermark: before the first and behind the last there is no moment that it would be. */
function momentOf(watermarkMs: number): number {
  return Math.max(-timeMaxMs, Math.min(watermarkMs, timeMaxMs));
}

function tooMany(begun: number, max: number): Error {
  return new Error(
    `The key would have ${begun} matches that have begun, more than the ${max} of maxPartialMatches: shorten within, or let stages take fewer elements.`,
  );
}
