import { viewSink } from "../connectors/view-sink.ts";
import { jobError } from "../errors/millrace-error.ts";
import type { SinkConnector } from "../graph/connectors.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { BroadcastDeclarations } from "../graph/state-declarations.ts";
import type { AnyValue, Edge, KeyByNode, ReduceNode } from "../graph/node.ts";
import type { BroadcastStream } from "./broadcast-stream.ts";
import type { DataStream, ResultStream, SinkOptions } from "./data-stream.ts";
import type { GraphBuilder } from "./graph-builder.ts";
import { joinMethods } from "./join-methods.ts";
import { keyOf } from "./key-fields.ts";
import type { KeyedStream, OperatorOptions, ReduceOptions } from "./keyed-stream.ts";
import { patternDraft, patternStream } from "./pattern-stream.ts";
import { mapAsyncDraft } from "./map-async.ts";
import { previously } from "./previously.ts";
import { rollingAggregates } from "./rolling.ts";
import { ttlOf } from "./state-ttl.ts";
import { versionOf } from "./state.ts";
import { originOf, streamFrom } from "./stream-origin.ts";
import { type AddOperator, windowMethods } from "./window-methods.ts";

/** The stream of an edge. */
export function dataStream<T>(builder: GraphBuilder, edge: Edge): DataStream<T> {
  return streamFrom({ builder, edge }, dataMethods<T>(builder, edge));
}

/** What a broadcast stream fills. */
const broadcasts = new WeakMap<object, BroadcastDeclarations>();

function broadcastStream<T, B extends BroadcastDeclarations>(
  builder: GraphBuilder,
  edge: Edge,
  state: B,
): BroadcastStream<T, B> {
  const stream = streamFrom({ builder, edge }, { state: Object.freeze({ ...state }) });
  broadcasts.set(stream, stream.state);
  return stream;
}

function resultStream<T>(builder: GraphBuilder, edge: Edge): ResultStream<T> {
  return streamFrom<ResultStream<T>>(
    { builder, edge },
    {
      ...dataMethods<T>(builder, edge),
      sideOutput: ({ tag }) => dataStream(builder, { from: edge.from, tag }),
    },
  );
}

function dataMethods<T>(builder: GraphBuilder, edge: Edge): DataStream<T> {
  const inputs = [edge];
  const stateless = (kind: "map" | "filter" | "flatMap", fn: AnyValue, method: unknown) =>
    dataStream<AnyValue>(builder, builder.add({ kind, fn, inputs }, method));
  const addSink = (
    sink: SinkConnector<T>,
    { uid, previousUids }: SinkOptions,
    method: unknown,
  ): void => {
    builder.add({ kind: "sink", uid, sink, inputs, ...previously(previousUids) }, method);
  };
  const oneKey = (method: unknown): KeyedStream<T, "all"> => {
    const draft = { kind: "keyBy", select: () => "all", one: true, inputs } as const;
    return keyedStream(builder, builder.add(draft, method));
  };
  const spread = (by: Pick<KeyByNode, "select" | "spread" | "one">, method: unknown) =>
    dataStream<T>(builder, builder.add({ kind: "keyBy", ...by, inputs }, method));
  const methods: DataStream<T> = {
    map: (fn) => stateless("map", fn, methods.map),
    flatMap: (fn) => stateless("flatMap", fn, methods.flatMap),
    mapAsync: (fn, options) =>
      dataStream(builder, builder.add({ ...mapAsyncDraft(options), fn, inputs }, methods.mapAsync)),
    filter: (keeps: AnyValue) => stateless("filter", keeps, methods.filter),
    keyBy(key: AnyValue) {
      const draft = { kind: "keyBy", ...keyOf(key), inputs } as const;
      return keyedStream<AnyValue, AnyValue>(builder, builder.add(draft, methods.keyBy));
    },
    rebalance: () => spread({ select: () => 0, spread: "evenly" }, methods.rebalance),
    global: () => spread({ select: () => "all", one: true }, methods.global),
    partitionCustom: (select) => spread({ select, spread: "custom" }, methods.partitionCustom),
    broadcast: (state) => broadcastStream(builder, edge, state),
    toChangelogStream: () =>
      dataStream(builder, builder.add({ kind: "changelog", inputs }, methods.toChangelogStream)),
    windowAll: (assigner, options) => oneKey(methods.windowAll).window(assigner, options),
    countWindowAll: (options) => oneKey(methods.countWindowAll).countWindow(options),
    union(...others) {
      const edges = [edge, ...others.map((other) => edgeOf(other, builder))];
      return dataStream(builder, builder.add({ kind: "union", inputs: edges }, methods.union));
    },
    sinkTo: (sink, options) => addSink(sink, options, methods.sinkTo),
    toView: (options) => addSink(viewSink(options), options, methods.toView),
  };
  return methods;
}

function keyedStream<T, K extends KeyValue>(builder: GraphBuilder, edge: Edge): KeyedStream<T, K> {
  const inputs = [edge];
  function reduced(
    functions: Pick<ReduceNode, "fn" | "retract" | "check">,
    options: ReduceOptions<AnyValue>,
    method: unknown,
  ): ResultStream<AnyValue> {
    const { uid, previousUids } = options;
    const state = { ...previously(previousUids), ...versionOf(options), ...ttlOf(options) };
    const draft = { kind: "reduce", uid, ...functions, inputs, ...state } as const;
    return resultStream(builder, builder.add(draft, method));
  }
  const results: AddOperator = (draft, method) => resultStream(builder, builder.add(draft, method));
  const stream: KeyedStream<T, K> = {
    ...dataMethods<T>(builder, edge),
    process(options) {
      const { uid, previousUids } = options;
      const definition: AnyValue = Object.freeze({ ...options });
      const draft = {
        kind: "process",
        uid,
        definition,
        inputs,
        ...previously(previousUids),
      } as const;
      return resultStream(builder, builder.add(draft, stream.process));
    },
    connect(other: AnyValue): AnyValue {
      const edges = [edge, edgeOf(other, builder)];
      const broadcast = broadcasts.get(other);
      const kind =
        broadcast === undefined
          ? ({ kind: "coProcess" } as const)
          : ({ kind: "broadcastProcess", broadcast } as const);
      const connected = {
        process(options: OperatorOptions) {
          const { uid, previousUids } = options;
          const definition: AnyValue = Object.freeze({ ...options });
          const draft = { ...kind, uid, definition, inputs: edges, ...previously(previousUids) };
          return resultStream(builder, builder.add(draft, connected.process));
        },
      };
      return Object.freeze(connected);
    },
    ...joinMethods<T, K>(results, edge, (other) => edgeOf(other, builder)),
    ...rollingAggregates(reduced),
    pattern(given, options): AnyValue {
      const draft = patternDraft<AnyValue, AnyValue>(given, options);
      return patternStream((functions, method) =>
        resultStream(builder, builder.add({ ...draft, ...functions, inputs }, method)),
      );
    },
    reduce(fn, options) {
      const { retract } = options;
      const functions = { fn, ...(retract !== undefined && { retract }) };
      return reduced(functions, options, stream.reduce);
    },
    ...windowMethods<T, K>(results, edge),
  };
  return streamFrom({ builder, edge }, stream);
}

function edgeOf(stream: object, builder: GraphBuilder): Edge {
  const origin = originOf(stream);
  if (origin?.builder === builder) return origin.edge;
  throw jobError("stream-of-another-job", {
    message: `Job "${builder.job}" takes in ${origin === undefined ? "what is not a stream" : `a stream of job "${origin.builder.job}"`}.`,
    next: "Unite or connect streams of one job; let jobs speak to each other through a Kinesis stream.",
  });
}
