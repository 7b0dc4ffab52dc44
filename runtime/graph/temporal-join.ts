import type { KeyValue } from "./key-value.ts";
import type { AnyValue, NodeBase } from "./node.ts";
import type { StateVersion } from "./state-declarations.ts";

export interface TemporalJoinContext<K extends KeyValue> {
  readonly key: K;
  /** Event time of the element, and of the result. */
  readonly timestampMs: number;
  /** Since when the version holds; undefined where there is none. */
  readonly versionMs: number | undefined;
}

export type TemporalJoinFunction<T, V, K extends KeyValue, O> = (
  value: T,
  version: V,
  context: TemporalJoinContext<K>,
) => O;

/** Elements of a keyed input, each with the version of the other input that holds at its time. */
export interface TemporalJoinNode extends NodeBase {
  readonly kind: "temporalJoin";
  /** Which elements give a result alone, where no version holds. */
  readonly type: "inner" | "left";
  /** Tells an element of the versions' input that says: nothing holds from here on. */
  readonly deletes?: (version: AnyValue) => boolean;
  /** Tags of the side outputs for what comes too late; absent: it is counted and dropped. */
  readonly leftLateTag?: string;
  readonly rightLateTag?: string;
  /** Versions of the values that are kept. */
  readonly leftState: StateVersion<AnyValue>;
  readonly rightState: StateVersion<AnyValue>;
  readonly join: TemporalJoinFunction<AnyValue, AnyValue, KeyValue, AnyValue>;
}
