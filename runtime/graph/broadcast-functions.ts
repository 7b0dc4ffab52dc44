import type { Change } from "./change.ts";
import type { NoResult, ProcessContext, ProcessDefinition } from "./functions.ts";
import type { KeyValue } from "./key-value.ts";
import type { MetricDeclarations, MetricHandles } from "./metric-declarations.ts";
import type {
  BroadcastDeclarations,
  BroadcastHandles,
  ReadOnlyBroadcastHandles,
  StateDeclarations,
} from "./state-declarations.ts";

/** What a function of the keyed stream sees: beside its own state, what was broadcast. */
export interface KeyedBroadcastContext<
  K extends KeyValue,
  B extends BroadcastDeclarations,
  S extends StateDeclarations,
  N extends string,
  O,
  T = unknown,
  M extends MetricDeclarations = {},
> extends ProcessContext<K, S, N, O, T, M> {
  readonly broadcast: ReadOnlyBroadcastHandles<B>;
}

/**
 * What the function of the broadcast stream sees. It runs in every slot, without a key: so it has no state of one, no timers, and emits
 * nothing.
 */
export interface BroadcastContext<
  B extends BroadcastDeclarations,
  U = unknown,
  M extends MetricDeclarations = {},
> {
  /** Event time of the element, in milliseconds since 1970. */
  readonly timestampMs: number;
  /** As in {@link ProcessContext}. */
  readonly change: Change;
  readonly before: U | undefined;
  readonly broadcast: BroadcastHandles<B>;
  /** As in {@link ProcessContext}: each slot counts for itself, so that one element counts once for each. */
  readonly metrics: MetricHandles<M>;
}

/** As a {@link ProcessDefinition}, with a function for the elements that go to every slot. */
export interface BroadcastProcessDefinition<
  T,
  U,
  K extends KeyValue,
  B extends BroadcastDeclarations,
  S extends StateDeclarations,
  N extends string,
  O,
  M extends MetricDeclarations = {},
> extends Omit<ProcessDefinition<T, K, S, N, O, M>, "onElement" | "onTimer"> {
  /** Takes an element of the keyed stream. */
  readonly onElement: (value: T, context: KeyedBroadcastContext<K, B, S, N, O, T, M>) => NoResult;
  /**
   * Takes an element of the broadcast stream, in each slot anew: what it does to the state must depend on nothing but the element and that
   * state, or the copies differ. They get the elements in orders of their own where these come from several shards.
   */
  readonly onBroadcastElement: (value: U, context: BroadcastContext<B, U, M>) => NoResult;
  readonly onTimer?: {
    readonly [Name in N]: (context: KeyedBroadcastContext<K, B, S, N, O, unknown, M>) => NoResult;
  };
}
