import type { KeyValue } from "./key-value.ts";
import type { AnyValue, NodeBase } from "./node.ts";
import type { StateVersion } from "./state-declarations.ts";

export interface MultiJoinContext<K extends KeyValue> {
  readonly key: K;
  /** Event time of the result: the latest one of those that it is of. */
  readonly timestampMs: number;
}

/** `others` has what the join's other streams have for the key, by their names. */
export type MultiJoinFunction<T, W, K extends KeyValue, O> = (
  value: T,
  others: W,
  context: MultiJoinContext<K>,
) => O;

/** The name of the first input. */
export const firstInput = "left";

/** One of the inputs of a join of several. */
export interface JoinedInput {
  /** Its rows are kept under it; that of the first one is none of the user's. */
  readonly name: string;
  /** Without a row of it there is no result. */
  readonly isRequired: boolean;
  /** What is kept of a key: the row that came last, in the place of the one before, or all of them. */
  readonly keeps: "last" | "all";
  readonly state: StateVersion<AnyValue>;
}

/** Rows of several keyed inputs under one key, each of them kept once. */
export interface MultiJoinNode extends NodeBase {
  readonly kind: "multiJoin";
  /** As the node's inputs, in their order. */
  readonly joined: readonly JoinedInput[];
  readonly join: MultiJoinFunction<AnyValue, Readonly<Record<string, unknown>>, KeyValue, AnyValue>;
}
