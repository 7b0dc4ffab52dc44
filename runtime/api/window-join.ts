import type { WithoutWaiting } from "../graph/functions.ts";
import type { JoinType } from "../graph/interval-join.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { OutputTag } from "../graph/output-tag.ts";
import type { StateDeclarations } from "../graph/state-declarations.ts";
import type { WindowAssigner } from "../graph/window-assigner.ts";
import type {
  CoGroupFunction,
  LeftOrRight,
  WindowJoinFunction,
  WindowJoinNode,
} from "../graph/window-join.ts";
import type { ResultStream } from "./data-stream.ts";
import type { LeftOf, RightOf } from "./interval-join.ts";
import type { WindowOptions } from "./keyed-stream.ts";
import { windowParts } from "./window-methods.ts";

/**
 * As the options of a window. Its trigger, evictor, gap, `version` and `migrate` speak of the elements of both streams: `{ left }` is one of this stream,
 * `{ right }` one of the other.
 */
export interface CoGroupOptions<T, U, G extends StateDeclarations = {}> extends Omit<
  WindowOptions<LeftOrRight<T, U>, G>,
  "lateOutput"
> {
  /** Which elements meet. A session is one of both streams: what comes on either side makes it longer. */
  readonly window: WindowAssigner<LeftOrRight<T, U>>;
  /** Side output for what of this stream comes too late for all of its windows. Default: it is counted and dropped. */
  readonly leftLateOutput?: OutputTag<T>;
  /** The same for the other stream. */
  readonly rightLateOutput?: OutputTag<U>;
}

export interface WindowJoinOptions<T, U, J extends JoinType> extends Omit<
  CoGroupOptions<T, U>,
  "globalState"
> {
  /** Which elements give a result alone, where the window has none of the other stream: those of this stream, of the other, or both. Default: "inner", none. */
  readonly type?: J;
}

/** Two keyed streams in windows, before it is said what to make of their pairs. */
export interface WindowJoinedStreams<T, U, K extends KeyValue, J extends JoinType> {
  /** One result for each pair of a window, with its last timestamp. */
  apply<O>(
    join: WindowJoinFunction<LeftOf<T, J>, RightOf<U, J>, K, O> & WithoutWaiting<O>,
  ): ResultStream<O>;
}

/** Two keyed streams in windows, before it is said what to make of each. */
export interface CoGroupedStreams<T, U, K extends KeyValue, G extends StateDeclarations> {
  /** Any number of results for each window that has an element of either stream. */
  apply<O>(coGroup: CoGroupFunction<T, U, K, O, G> & WithoutWaiting<O>): ResultStream<O>;
}

type Draft = Omit<WindowJoinNode, "id" | "name" | "inputs" | "compute">;

/** All of a join but its function. @throws MillraceError `duration-invalid`, `lateness-invalid` */
export function windowJoinDraft<T, U, G extends StateDeclarations>({
  window,
  leftLateOutput,
  rightLateOutput,
  ...options
}: CoGroupOptions<T, U, G>): Draft {
  return {
    kind: "windowJoin",
    assigner: window,
    ...windowParts(options),
    ...(leftLateOutput !== undefined && { leftLateTag: leftLateOutput.tag }),
    ...(rightLateOutput !== undefined && { rightLateTag: rightLateOutput.tag }),
  };
}
