import type { WithoutWaiting } from "../graph/functions.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { OutputTag } from "../graph/output-tag.ts";
import type { StateVersion } from "../graph/state-declarations.ts";
import type { TemporalJoinFunction, TemporalJoinNode } from "../graph/temporal-join.ts";
import type { ResultStream } from "./data-stream.ts";
import type { RightOf } from "./interval-join.ts";
import type { OperatorOptions } from "./keyed-stream.ts";
import { previously } from "./previously.ts";
import { versionOf } from "./state.ts";

export interface TemporalJoinOptions<
  T,
  V,
  J extends "inner" | "left" = "inner",
> extends OperatorOptions {
  /** "left": elements at whose time no version holds give a result alone. Default: "inner", none. */
  readonly type?: J;
  /**
   * Which elements of the other stream say that nothing holds from their time on. Results that are withdrawn say so by themselves.
   * Default: none.
   * @example deletes: ({ closed }) => closed
   */
  readonly deletes?: (version: V) => boolean;
  /** Side output for elements that come so late that the version of their time is gone. Default: with "left" they stand alone; else they are counted and dropped. */
  readonly leftLateOutput?: OutputTag<T>;
  /** Side output for versions that come behind a newer one which the watermark has passed. Default: they are counted and dropped. */
  readonly rightLateOutput?: OutputTag<V>;
  /** How the elements of this stream that wait change over the versions of a job. */
  readonly leftState?: StateVersion<T>;
  /** The same for those of the other stream. */
  readonly rightState?: StateVersion<V>;
}

/** A keyed stream and what its keys mean over time, before it is said what to make of both. */
export interface TemporalJoinedStreams<T, V, K extends KeyValue, J extends "inner" | "left"> {
  /** One result for each element, at its own time. */
  apply<O>(join: TemporalJoinFunction<T, RightOf<V, J>, K, O> & WithoutWaiting<O>): ResultStream<O>;
}

type Draft = Omit<TemporalJoinNode, "id" | "name" | "inputs" | "join">;

/** All of a join but its function. */
export function temporalJoinDraft<T, V>({
  uid,
  previousUids,
  type = "inner",
  deletes,
  leftLateOutput,
  rightLateOutput,
  leftState = {},
  rightState = {},
}: TemporalJoinOptions<T, V, "inner" | "left">): Draft {
  return {
    kind: "temporalJoin",
    uid,
    type,
    ...(deletes !== undefined && { deletes }),
    ...(leftLateOutput !== undefined && { leftLateTag: leftLateOutput.tag }),
    ...(rightLateOutput !== undefined && { rightLateTag: rightLateOutput.tag }),
    leftState: versionOf(leftState),
    rightState: versionOf(rightState),
    ...previously(previousUids),
  };
}
