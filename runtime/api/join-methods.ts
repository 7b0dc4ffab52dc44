import type { KeyValue } from "../graph/key-value.ts";
import type { AnyValue, Edge } from "../graph/node.ts";
import { intervalJoinDraft } from "./interval-join.ts";
import type { KeyedStream } from "./keyed-stream.ts";
import { multiJoinDraft } from "./multi-join.ts";
import { temporalJoinDraft } from "./temporal-join.ts";
import { windowJoinDraft } from "./window-join.ts";
import type { AddOperator } from "./window-methods.ts";

/** The methods of a keyed stream that bring its elements together with those of another; `edgeOf` tells where that comes from. */
export function joinMethods<T, K extends KeyValue>(
  add: AddOperator,
  edge: Edge,
  edgeOf: (stream: object) => Edge,
): Pick<
  KeyedStream<T, K>,
  "intervalJoin" | "windowJoin" | "coGroup" | "temporalJoin" | "multiJoin"
> {
  return {
    intervalJoin(other, options): AnyValue {
      const inputs = [edge, edgeOf(other)];
      const draft = intervalJoinDraft<AnyValue, AnyValue>(options);
      const joined = {
        apply: (join: AnyValue) => add({ ...draft, join, inputs }, joined.apply),
      };
      return Object.freeze(joined);
    },
    windowJoin(other, { type = "inner" as AnyValue, ...options }): AnyValue {
      const inputs = [edge, edgeOf(other)];
      const draft = windowJoinDraft(options);
      const joined = {
        apply: (join: AnyValue) =>
          add({ ...draft, compute: { kind: "join", type, join }, inputs }, joined.apply),
      };
      return Object.freeze(joined);
    },
    coGroup(other, options): AnyValue {
      const inputs = [edge, edgeOf(other)];
      const draft = windowJoinDraft(options);
      const grouped = {
        apply: (coGroup: AnyValue) =>
          add({ ...draft, compute: { kind: "coGroup", coGroup }, inputs }, grouped.apply),
      };
      return Object.freeze(grouped);
    },
    multiJoin(others: AnyValue, options: AnyValue): AnyValue {
      const streams = Object.values<{ readonly stream: object }>(others);
      const inputs = [edge, ...streams.map(({ stream }) => edgeOf(stream))];
      const draft = multiJoinDraft(others, options);
      const joined = {
        apply: (join: AnyValue) => add({ ...draft, join, inputs }, joined.apply),
      };
      return Object.freeze(joined);
    },
    temporalJoin(versions, options): AnyValue {
      const inputs = [edge, edgeOf(versions)];
      const draft = temporalJoinDraft<AnyValue, AnyValue>(options);
      const joined = {
        apply: (join: AnyValue) => add({ ...draft, join, inputs }, joined.apply),
      };
      return Object.freeze(joined);
    },
  };
}
