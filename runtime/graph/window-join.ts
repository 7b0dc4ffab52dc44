import type { WindowContext } from "./functions.ts";
import type { JoinType } from "./interval-join.ts";
import type { KeyValue } from "./key-value.ts";
import type { AnyValue, WindowNode } from "./node.ts";
import type { StateDeclarations } from "./state-declarations.ts";

/** An element of one of two streams, told by its side: what triggers, evictors and gaps of a join are given (Flink: TaggedUnion). */
export type LeftOrRight<T, U> = { readonly left: T } | { readonly right: U };

export type WindowJoinFunction<L, R, K extends KeyValue, O> = (
  left: L,
  right: R,
  context: WindowContext<K>,
) => O;

/** Sees all elements of both streams in a window, in order of arrival. Returns its results. */
export type CoGroupFunction<T, U, K extends KeyValue, O, G extends StateDeclarations = {}> = (
  left: readonly T[],
  right: readonly U[],
  context: WindowContext<K, G>,
) => readonly O[];

export type WindowJoinComputation =
  | {
      readonly kind: "join";
      readonly type: JoinType;
      readonly join: WindowJoinFunction<AnyValue, AnyValue, KeyValue, AnyValue>;
    }
  | {
      readonly kind: "coGroup";
      readonly coGroup: CoGroupFunction<AnyValue, AnyValue, KeyValue, AnyValue, AnyValue>;
    };

/** Windows of two keyed inputs. What it has of a window node speaks of the elements of both. */
export interface WindowJoinNode extends Omit<WindowNode, "kind" | "compute" | "lateTag"> {
  readonly kind: "windowJoin";
  /** Tags of the side outputs for what comes too late; absent: it is counted and dropped. */
  readonly leftLateTag?: string;
  readonly rightLateTag?: string;
  readonly compute: WindowJoinComputation;
}
