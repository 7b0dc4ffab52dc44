import type { BroadcastProcessDefinition } from "../graph/broadcast-functions.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { MetricDeclarations } from "../graph/metric-declarations.ts";
import type { BroadcastDeclarations, StateDeclarations } from "../graph/state-declarations.ts";
import type { ResultStream } from "./data-stream.ts";
import type { ElementType } from "./element-type.ts";

declare const elements: unique symbol;

/** A stream for every slot of the operator that a keyed stream is connected with it in. */
export interface BroadcastStream<U, B extends BroadcastDeclarations> {
  /** What its elements fill. */
  readonly state: B;
  readonly [elements]?: U;
}

/** What `process` of a keyed stream that is connected with a broadcast stream takes. */
export interface BroadcastProcessOptions<
  T,
  U,
  K extends KeyValue,
  B extends BroadcastDeclarations,
  S extends StateDeclarations,
  N extends string,
  O,
  M extends MetricDeclarations = {},
> extends BroadcastProcessDefinition<T, U, K, B, S, N, O, M> {
  /** Type of what `ctx.emit` takes: `elementType<Result>()`. Without it the operator can emit to side outputs only. */
  readonly emits?: ElementType<O>;
}

/** A keyed stream, and one that every slot of it gets. */
export interface BroadcastConnectedStream<
  T,
  U,
  K extends KeyValue,
  B extends BroadcastDeclarations,
> {
  /**
   * An operator of your own: a function for the elements of each key, which reads what was broadcast, and one that fills this in every slot.
   * Its watermark is the lower one of the two streams that are not idle. Elements of the two come in no particular order between them. Flink's
   * KeyedBroadcastProcessFunction.
   * @throws MillraceError `state-name-repeated` where a name stands for state of a key and for what is broadcast
   */
  process<
    S extends StateDeclarations = {},
    N extends string = never,
    O = never,
    M extends MetricDeclarations = {},
  >(
    definition: BroadcastProcessOptions<T, U, K, B, S, N, O, M>,
  ): ResultStream<O>;
}
