import type { KeyValue } from "../graph/key-value.ts";
import type {
  AggregatingState,
  MapState,
  StateDeclaration,
  ValueState,
} from "../graph/state-declarations.ts";
import type { Ttl } from "../graph/state-ttl.ts";
import { synchronous } from "../graph/synchronous.ts";
import { copyInPassing, copyValue } from "../serde/copy-value.ts";
import type { Expiring } from "../state/expiring.ts";
import { type Accumulating, accumulating } from "./accumulating.ts";
import { expiringList } from "./expiring-list.ts";
import { type Expiry, expiryOf } from "./expiry.ts";
import type { AnyHandle, HandleParts } from "./process-state.ts";

export interface ExpiringParts extends HandleParts {
  readonly expiry: Expiry;
}

/** The handle of a state with a time to live. */
export function expiringHandle(
  declaration: StateDeclaration,
  { ttl, ...parts }: HandleParts & { readonly ttl: Ttl },
): AnyHandle {
  const own = { ...parts, expiry: expiryOf(ttl, parts.runtime) };
  switch (declaration.kind) {
    case "value":
      return expiringValue(own);
    case "reducing":
    case "aggregating":
      return expiringAccumulator(own, accumulating(declaration));
    case "list":
      return expiringList(own);
    case "map":
      return expiringMap(own);
  }
}

function expiringValue({ runtime, about, cell: name, expiry }: ExpiringParts): ValueState<unknown> {
  const { state } = runtime;
  const cell = state.declareValue<Expiring>(name, expiry.cellOptions);
  expiry.declared(cell);
  return {
    get: () => expiry.read(state.valueEntry(runtime.current, cell))?.[1],
    set(value) {
      const entry = state.valueEntry(runtime.current, cell);
      expiry.write(entry, ownOf(entry.value, value, about));
    },
    clear() {
      state.valueEntry(runtime.current, cell).remove();
    },
  };
}

/** What is kept is a copy; a value that the state gave is the state's own already. */
function ownOf(kept: Expiring | undefined, value: unknown, about: string): unknown {
  return kept !== undefined && kept[1] === value ? value : copyValue(value, about);
}

function expiringAccumulator(
  { runtime, about, cell: name, expiry }: ExpiringParts,
  { first, add, result }: Accumulating,
): AggregatingState<unknown, unknown> {
  const { state } = runtime;
  const cell = state.declareValue<Expiring>(name, expiry.cellOptions);
  expiry.declared(cell);
  return {
    get() {
      const kept = expiry.read(state.valueEntry(runtime.current, cell));
      return kept && copyInPassing(synchronous(result(kept[1]), about));
    },
    add(value) {
      const entry = state.valueEntry(runtime.current, cell);
      const own = copyValue(value, about);
      const kept = expiry.mergedWith(entry);
      const next = synchronous(kept === undefined ? first(own) : add(kept[1], own), about);
      expiry.write(entry, ownOf(kept, next, about));
    },
    clear() {
      state.valueEntry(runtime.current, cell).remove();
    },
  };
}

function expiringMap({
  runtime,
  about,
  cell: name,
  expiry,
}: ExpiringParts): MapState<KeyValue, unknown> {
  const { state } = runtime;
  const cell = state.declareMap<KeyValue, Expiring>(name, expiry.cellOptions);
  expiry.declared(cell);
  return {
    get: (key) => expiry.read(state.findMapEntry(runtime.current, cell, key))?.[1],
    has: (key) => expiry.read(state.findMapEntry(runtime.current, cell, key)) !== undefined,
    set(key, value) {
      const entry = state.mapEntry(runtime.current, cell, key);
      expiry.write(entry, ownOf(entry.value, value, about));
    },
    delete(key) {
      state.findMapEntry(runtime.current, cell, key)?.remove();
    },
    *entries() {
      for (const entry of state.orderedMapEntries(runtime.current, cell)) {
        const kept = expiry.read(entry);
        if (kept !== undefined) yield [entry.mapKey, kept[1]] as const;
      }
    },
    isEmpty: () => !state.hasMapEntries(runtime.current, cell, expiry.isSeen),
    clear() {
      for (const entry of state.mapEntries(runtime.current, cell)) entry.remove();
    },
  };
}
