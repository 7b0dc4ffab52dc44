import type { KeyValue } from "./key-value.ts";
import type { AnyValue, NodeBase } from "./node.ts";
import type { StateVersion } from "./state-declarations.ts";

/** Which elements give a result where none of the other stream is near them. */
export type JoinType = "inner" | "left" | "right" | "full";

export interface IntervalJoinContext<K extends KeyValue> {
  readonly key: K;
  /** Event time of the result: the later one of the two elements, or when the watermark told that there is no other. */
  readonly timestampMs: number;
  /** Undefined where there is no such element. */
  readonly leftTimestampMs: number | undefined;
  readonly rightTimestampMs: number | undefined;
}

export type IntervalJoinFunction<L, R, K extends KeyValue, O> = (
  left: L,
  right: R,
  context: IntervalJoinContext<K>,
) => O;

/** Pairs of elements of two keyed inputs whose times are near each other. */
export interface IntervalJoinNode extends NodeBase {
  readonly kind: "intervalJoin";
  readonly type: JoinType;
  /** A right element is a partner where its time less that of the left one is from `lowerMs` to `upperMs`, both inclusive. */
  readonly lowerMs: number;
  readonly upperMs: number;
  /** Tags of the side outputs for what comes behind the watermark; absent: it is counted and dropped. */
  readonly leftLateTag?: string;
  readonly rightLateTag?: string;
  /** Versions of the elements that are kept. */
  readonly leftState: StateVersion<AnyValue>;
  readonly rightState: StateVersion<AnyValue>;
  readonly join: IntervalJoinFunction<AnyValue, AnyValue, KeyValue, AnyValue>;
}
