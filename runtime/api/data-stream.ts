import type { ViewOptions } from "../connectors/view-sink.ts";
import type { ChangeRecord } from "../graph/change.ts";
import type { SinkConnector } from "../graph/connectors.ts";
import type { WithoutWaiting } from "../graph/functions.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { CallFunction } from "../graph/map-async.ts";
import type { OutputTag } from "../graph/output-tag.ts";
import type { BroadcastDeclarations, StateDeclarations } from "../graph/state-declarations.ts";
import type { WindowAssigner } from "../graph/window-assigner.ts";
import type { BroadcastStream } from "./broadcast-stream.ts";
import type { FieldKey, FieldsKey, KeyFieldOf } from "./key-fields.ts";
import type { CountWindowOptions, KeyedStream, WindowOptions } from "./keyed-stream.ts";
import type { MapAsyncOptions } from "./map-async.ts";
import type { WindowedStream } from "./windowed-stream.ts";

export interface SinkOptions {
  /** Stable name of the sink: 1 to 128 characters of `A-Z a-z 0-9 . _ -`, unique in the job. */
  readonly uid: string;
  /** Uids that it had in earlier versions of the job: a restore takes it for the same sink. Default: none. */
  readonly previousUids?: readonly string[];
}

/** Elements of type `T` with event times. Immutable: every method answers a new stream. */
export interface DataStream<T> {
  /** One result per element. `fn` must be pure and must not change its element. */
  map<O>(fn: ((value: T) => O) & WithoutWaiting<O>): DataStream<O>;

  /** Any number of results per element, in order; a generator function will do. */
  flatMap<O>(fn: ((value: T) => Iterable<O>) & WithoutWaiting<O>): DataStream<O>;

  /**
   * One call for each element, whose answer is the result: a look-up in a service, a table, a model. The calls of a batch go out together, and results
   * keep the order of their elements. An answer that was committed is never asked for again; one that was not, may be. Flink's AsyncDataStream.
   * @example orders.mapAsync((order, { signal }) => fetchPrice(order, signal), { uid: "prices", timeout: { seconds: 2 } })
   * @throws MillraceError `calls-invalid`, `duration-invalid`
   */
  mapAsync<O>(fn: CallFunction<T, O>, options: MapAsyncOptions<T, NoInfer<O>>): DataStream<O>;

  /** Keeps the elements for which `keeps` is true; a type predicate narrows the stream. */
  filter<O extends T>(keeps: (value: T) => value is O): DataStream<O>;
  filter(keeps: (value: T) => boolean): DataStream<T>;

  /**
   * Brings the elements of each key together: those that have the same value in a field, or the same values in some. The key is that value,
   * or an array of them in the order of the list. An element without a value that can be a key goes to the dead letters.
   * @throws MillraceError `key-fields-invalid`
   */
  keyBy<const F extends KeyFieldOf<T>>(field: F): KeyedStream<T, FieldKey<T, F>>;
  keyBy<const F extends readonly [KeyFieldOf<T>, ...KeyFieldOf<T>[]]>(
    fields: F,
  ): KeyedStream<T, FieldsKey<T, F>>;
  /**
   * The same by what a function takes of its element, for keys that are not just fields. One that takes fields and does nothing else,
   * `(f) => f.origin` or `(f) => [f.origin, f.destination]`, is seen through, so that the same exchanges are left out; `millrace explain`
   * prints what was seen.
   */
  keyBy<const K extends KeyValue>(select: (value: T) => K): KeyedStream<T, K>;

  /**
   * Groups all elements by time, whatever their keys: all of them have the key "all", and come to one slot. Flink's `windowAll`.
   * @throws MillraceError `duration-invalid`, `lateness-invalid`
   */
  windowAll<A extends WindowAssigner<T>, G extends StateDeclarations = {}>(
    assigner: A,
    options: WindowOptions<T, G>,
  ): WindowedStream<T, "all", A["kind"], G>;

  /** Groups all elements by their number: all of them have the key "all", and come to one slot. Flink's `countWindowAll`. */
  countWindowAll(options: CountWindowOptions<T>): WindowedStream<T, "all", "global">;

  /**
   * Spreads elements evenly over the slots of the exchange, by what they hold: equal ones come to one slot. For what takes long and stands behind few shards.
   * Nothing is kept by such a key, and the order of a shard is lost. Flink's `rebalance`, which deals elements out in turn.
   * Results that are replaced or withdrawn are refused (`changes-not-taken`).
   */
  rebalance(): DataStream<T>;

  /** Brings all elements to one slot. Flink's `global`. */
  global(): DataStream<T>;

  /**
   * Brings elements of which a pure function says the same to one slot: which one, is not said. Flink's `partitionCustom`. To keep something by what it says,
   * take `keyBy`. Results that are replaced or withdrawn are refused (`changes-not-taken`).
   */
  partitionCustom(partition: (value: T) => KeyValue): DataStream<T>;

  /**
   * Makes an element of every change: a result that was replaced comes as `{ change: "replace", value, before }`, one that was withdrawn as
   * `{ change: "delete", value }`. What is behind it takes each for an event of its own, as Flink's `toChangelogStream`.
   */
  toChangelogStream(): DataStream<ChangeRecord<T>>;

  /**
   * Makes a stream whose elements go to every slot of what it is connected with: rules, rates, a list of customers. `state` declares the maps
   * that they fill. Flink's `broadcast`.
   * @example keyed.connect(rules.broadcast({ rules: mapState<string, Rule>() }))
   */
  broadcast<const B extends BroadcastDeclarations>(state: B): BroadcastStream<T, B>;

  /**
   * The elements of all of the streams, in no particular order between them.
   * @throws MillraceError `stream-of-another-job`
   */
  union(...others: readonly DataStream<T>[]): DataStream<T>;

  /** Writes the elements. `sink.guarantee` says what it promises. */
  sinkTo(sink: SinkConnector<T>, options: SinkOptions): void;

  /**
   * Writes the elements as the rows of a table, exactly once, with a description of how they are drawn: the console shows them live. A later
   * element with the same key takes a row's place, and a result that is withdrawn takes it away.
   * @example hourly.toView({ uid: "delays", key: { origin: "string" }, columns: { origin: "text", delay: "number" } })
   * @throws MillraceError `view-invalid`, `table-name-invalid`, `sink-key-invalid`
   */
  toView(options: ViewOptions<T>): void;
}

/** What an operator emits: its results, and side outputs. */
export interface ResultStream<T> extends DataStream<T> {
  /** What the operator emitted to the tag. */
  sideOutput<V>(tag: OutputTag<V>): DataStream<V>;
}
