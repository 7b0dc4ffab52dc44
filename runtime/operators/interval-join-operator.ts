import type { IntervalJoinNode } from "../graph/interval-join.ts";
import { synchronous } from "../graph/synchronous.ts";
import { leftName, rightName } from "../plan/state-names.ts";
import type { DueTimer } from "../state/timer-queue.ts";
import { failIn, type OperatorParts, passOnOfElement, type Push, sideOf } from "./contract.ts";
import { givenTo } from "./given-to.ts";
import { joinBuffer, type Sided } from "./join-buffer.ts";
import type { KeyedInputs } from "./keyed.ts";

/** One input of the join, as the other one sees it. */
interface Side {
  readonly buffer: ReturnType<typeof joinBuffer>;
  /** Times of partners, relative to that of an element. */
  readonly lowerMs: number;
  readonly upperMs: number;
  readonly late: Push | undefined;
}

/**
 * Pairs of elements whose times are near each other, with the semantics of Flink's IntervalJoinOperator: an element is late where it is below the
 * watermark, and is kept until the watermark reaches the last time at which a partner may come, or its own. Outer results, which Flink's has not,
 * are given in that moment, with its time.
 */
export function intervalJoinOperator(node: IntervalJoinNode, parts: OperatorParts): KeyedInputs {
  const { runtime, output, metrics } = parts;
  const { uid = node.name, lowerMs, upperMs, type } = node;
  const emit = emitterOf(node, parts);

  function inputOf(name: string, bounds: Pick<Side, "lowerMs" | "upperMs">, options: SideOptions) {
    const cell = { uid, name };
    const buffer = joinBuffer(runtime, { cell, ...bounds, isOuter: options.isOuter });
    return { buffer, ...bounds, late: sideOf(output, options.lateTag) };
  }

  const left: Side = inputOf(
    leftName,
    { lowerMs, upperMs },
    { isOuter: type === "left" || type === "full", lateTag: node.leftLateTag },
  );
  const right: Side = inputOf(
    rightName,
    { lowerMs: -upperMs, upperMs: -lowerMs },
    { isOuter: type === "right" || type === "full", lateTag: node.rightLateTag },
  );

  function pair(own: Side, element: Sided, partner: Sided): void {
    const timestampMs = Math.max(element.timestampMs, partner.timestampMs);
    if (own === left) emit(timestampMs, element, partner);
    else emit(timestampMs, partner, element);
  }

  function pushOf(own: Side, other: Side): Push {
    return (value, timestampMs, change, before) => {
      if (timestampMs < runtime.lateBehindMs) {
        metrics.late += 1;
        own.late?.(value, timestampMs, change, before);
        return;
      }
      const met = other.buffer.within(timestampMs + own.lowerMs, timestampMs + own.upperMs);
      for (const entry of met) {
        const { mapKey, value: kept } = entry;
        delete kept.unmatched;
        for (const partner of kept.values)
          pair(own, { value, timestampMs }, { value: partner, timestampMs: mapKey });
      }
      own.buffer.add(timestampMs, value, met.length > 0);
    };
  }

  const bufferOf = (timer: DueTimer) => (left.buffer.owns(timer) ? left : right).buffer;

  return {
    pushes: [pushOf(left, right), pushOf(right, left)],
    onTimer(timer) {
      const isLeft = left.buffer.owns(timer);
      const alone = bufferOf(timer).takeAlone(timer);
      if (alone === undefined) return;
      try {
        emit(timer.timeMs, isLeft ? alone : undefined, isLeft ? undefined : alone);
      } catch (thrown) {
        passOnOfElement(thrown, alone.value);
      }
    },
    passOver: (timer) => void bufferOf(timer).takeAlone(timer),
    left: (timer) => bufferOf(timer).left(timer),
  };
}

/** Gives what the user's function makes of two elements, or of one that stands alone. */
function emitterOf({ uid, name, join }: IntervalJoinNode, { runtime, output }: OperatorParts) {
  const given = givenTo(join);
  return (timestampMs: number, one: Sided | undefined, other: Sided | undefined): void => {
    let result: unknown;
    try {
      const context = {
        key: runtime.current.key,
        timestampMs,
        leftTimestampMs: one?.timestampMs,
        rightTimestampMs: other?.timestampMs,
      };
      result = synchronous<unknown>(
        join(given(one?.value), given(other?.value), context),
        "the join",
      );
    } catch (thrown) {
      failIn(uid ?? name, thrown);
    }
    output.emit(result, timestampMs, "insert");
  };
}

interface SideOptions {
  readonly isOuter: boolean;
  readonly lateTag: string | undefined;
}
