import { type Duration, durationMs } from "../graph/duration.ts";
import type { WithoutWaiting } from "../graph/functions.ts";
import type { IntervalJoinFunction, IntervalJoinNode, JoinType } from "../graph/interval-join.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { OutputTag } from "../graph/output-tag.ts";
import type { StateVersion } from "../graph/state-declarations.ts";
import type { ResultStream } from "./data-stream.ts";
import type { OperatorOptions } from "./keyed-stream.ts";
import { previously } from "./previously.ts";
import { versionOf } from "./state.ts";

export interface IntervalJoinOptions<T, U, J extends JoinType> extends OperatorOptions {
  /**
   * How much later than an element of this stream its partners are: the first and the last time, relative to its own. Below zero they are earlier.
   * @example between: [{ minutes: -5 }, { hours: 1 }]
   */
  readonly between: readonly [lower: Duration, upper: Duration];
  /** The first time is no time of a partner any more. Default: it is. */
  readonly lowerBoundExclusive?: boolean;
  /** The last time is no time of a partner any more. Default: it is. */
  readonly upperBoundExclusive?: boolean;
  /** Which elements give a result alone, once the watermark tells that no partner comes: those of this stream, of the other, or both. Default: "inner", none. */
  readonly type?: J;
  /** Side output for elements of this stream that are behind the watermark. Default: they are counted and dropped. */
  readonly leftLateOutput?: OutputTag<T>;
  /** The same for those of the other stream. */
  readonly rightLateOutput?: OutputTag<U>;
  /** How the elements of this stream that are kept change over the versions of a job. */
  readonly leftState?: StateVersion<T>;
  readonly rightState?: StateVersion<U>;
}

/** What a join function is given of each stream: nothing where an element of the other stands alone. */
export type LeftOf<T, J extends JoinType> = J extends "right" | "full" ? T | undefined : T;
export type RightOf<U, J extends JoinType> = J extends "left" | "full" ? U | undefined : U;

/** Two keyed streams, before it is said what to make of their pairs. */
export interface IntervalJoinedStreams<T, U, K extends KeyValue, J extends JoinType> {
  /** One result for each pair, with the later one of their two times. */
  apply<O>(
    join: IntervalJoinFunction<LeftOf<T, J>, RightOf<U, J>, K, O> & WithoutWaiting<O>,
  ): ResultStream<O>;
}

type Draft = Omit<IntervalJoinNode, "id" | "name" | "inputs" | "join">;

/** All of a join but its function. @throws MillraceError `duration-invalid` */
export function intervalJoinDraft<T, U>(options: IntervalJoinOptions<T, U, JoinType>): Draft {
  const { uid, previousUids, between, type = "inner", leftLateOutput, rightLateOutput } = options;
  // As Flink's: a bound that is excluded is one a millisecond further in.
  const lowerMs = durationMs(between[0]) + (options.lowerBoundExclusive === true ? 1 : 0);
  const upperMs = durationMs(between[1]) - (options.upperBoundExclusive === true ? 1 : 0);
  return {
    kind: "intervalJoin",
    uid,
    type,
    lowerMs,
    upperMs,
    ...(leftLateOutput !== undefined && { leftLateTag: leftLateOutput.tag }),
    ...(rightLateOutput !== undefined && { rightLateTag: rightLateOutput.tag }),
    leftState: versionOf(options.leftState ?? {}),
    rightState: versionOf(options.rightState ?? {}),
    ...previously(previousUids),
  };
}
