import type { WithoutWaiting } from "../graph/functions.ts";
import type { KeyValue } from "../graph/key-value.ts";
import {
  firstInput,
  type JoinedInput,
  type MultiJoinFunction,
  type MultiJoinNode,
} from "../graph/multi-join.ts";
import type { StateVersion } from "../graph/state-declarations.ts";
import type { ResultStream } from "./data-stream.ts";
import type { KeyedStream, OperatorOptions } from "./keyed-stream.ts";
import { previously } from "./previously.ts";
import { versionOf } from "./state.ts";

/** Which rows of a stream a join keeps for a key, and how they change over the versions of a job. */
export interface JoinedRows<T> {
  /**
   * "last": a row takes the place of the one before, and its withdrawal takes it away, whatever stood before it. "all": every row stays until it is
   * withdrawn. Default: "last".
   */
  readonly keeps?: "last" | "all";
  readonly state?: StateVersion<T>;
}

/** Another stream of a join. */
export interface JoinedStream<U, K extends KeyValue> extends JoinedRows<U> {
  readonly stream: KeyedStream<U, K>;
  /** "inner": without a row of it there is no result. "left": there is one, with undefined. Default: "inner". */
  readonly type?: "inner" | "left";
}

// oxlint-disable-next-line typescript/no-explicit-any
export type JoinedStreams<K extends KeyValue> = Readonly<Record<string, JoinedStream<any, K>>>;

/** What a join function is given of the other streams. */
export type JoinedValues<W> = {
  readonly [Name in keyof W]: W[Name] extends { readonly stream: KeyedStream<infer U, infer _> }
    ? W[Name] extends { readonly type: "left" }
      ? U | undefined
      : U
    : never;
};

export interface MultiJoinOptions<T> extends OperatorOptions, JoinedRows<T> {}

/** A keyed stream with others, before it is said what to make of their rows. */
export interface MultiJoinedStreams<T, W, K extends KeyValue> {
  /** One result for each combination of rows; those of rows that are replaced or withdrawn are so as well. */
  apply<O>(join: MultiJoinFunction<T, JoinedValues<W>, K, O> & WithoutWaiting<O>): ResultStream<O>;
}

type Draft = Omit<MultiJoinNode, "id" | "name" | "inputs" | "join">;

/** All of a join but its function. */
export function multiJoinDraft<T, K extends KeyValue>(
  others: JoinedStreams<K>,
  { uid, previousUids, ...own }: MultiJoinOptions<T>,
): Draft {
  const first: JoinedInput = { name: firstInput, isRequired: true, ...rowsOf(own) };
  const rest = Object.entries(others).map(([name, { type, ...rows }]) => ({
    name,
    isRequired: type !== "left",
    ...rowsOf(rows),
  }));
  return { kind: "multiJoin", uid, joined: [first, ...rest], ...previously(previousUids) };
}

function rowsOf<T>({ keeps = "last", state = {} }: JoinedRows<T>) {
  return { keeps, state: versionOf(state) };
}
