import type { KeyValue } from "../graph/key-value.ts";
import type {
  AggregatingState,
  ListState,
  MapState,
  StateDeclaration,
  StateDeclarations,
  ValueState,
} from "../graph/state-declarations.ts";
import { synchronous } from "../graph/synchronous.ts";
import { listLengthKey } from "../state/state-migrators.ts";
import { copyInPassing, copyValue } from "../serde/copy-value.ts";
import type { CellName, MapCell } from "../state/keyed-state.ts";
import type { StateEntry } from "../state/state-entry.ts";
import { type Accumulating, accumulating } from "./accumulating.ts";
import type { KeyedRuntime } from "./contract.ts";
import { expiringHandle } from "./expiring-state.ts";

export type AnyHandle =
  | ValueState<unknown>
  | AggregatingState<unknown, unknown>
  | ListState<unknown>
  | MapState<KeyValue, unknown>;

/** The handles of `ctx.state`: made once, they read and write the state of the key in hand. */
export function stateHandles(
  uid: string,
  runtime: KeyedRuntime,
  declarations: StateDeclarations,
): Readonly<Record<string, AnyHandle>> {
  const handles: Record<string, AnyHandle> = {};
  for (const [name, declaration] of Object.entries(declarations))
    handles[name] = handleOf(declaration, {
      runtime,
      about: `State "${uid}/${name}"`,
      cell: { uid, name },
    });
  return handles;
}

export interface HandleParts {
  readonly runtime: KeyedRuntime;
  /** How errors speak of the state. */
  readonly about: string;
  readonly cell: CellName;
}

function handleOf(declaration: StateDeclaration, parts: HandleParts): AnyHandle {
  const { ttl } = declaration;
  if (ttl !== undefined) return expiringHandle(declaration, { ...parts, ttl });
  switch (declaration.kind) {
    case "value":
      return valueState(parts);
    case "reducing":
    case "aggregating":
      return accumulatingState(parts, accumulating(declaration));
    case "list":
      return listState(parts);
    case "map":
      return mapState(parts);
  }
}

/** What is kept is a copy: the function may go on changing its value. A value that the state gave is the state's own already. */
function keep(
  entry: StateEntry<unknown, KeyValue | undefined>,
  value: unknown,
  about: string,
): void {
  if (!entry.exists || entry.value !== value) entry.value = copyValue(value, about);
}

function valueState({ runtime, about, cell: name }: HandleParts): ValueState<unknown> {
  const { state } = runtime;
  const cell = state.declareValue<unknown>(name);
  return {
    get: () => state.valueEntry(runtime.current, cell).value,
    set(value) {
      keep(state.valueEntry(runtime.current, cell), value, about);
    },
    clear() {
      state.valueEntry(runtime.current, cell).remove();
    },
  };
}

/** Keeps one value, as a value state does: what is added is the state's own, and what is answered is not. */
function accumulatingState(
  { runtime, about, cell: name }: HandleParts,
  { first, add, result }: Accumulating,
): AggregatingState<unknown, unknown> {
  const { state } = runtime;
  const cell = state.declareValue<unknown>(name);
  return {
    get() {
      const entry = state.valueEntry(runtime.current, cell);
      return entry.exists ? copyInPassing(synchronous(result(entry.value), about)) : undefined;
    },
    add(value) {
      const entry = state.valueEntry(runtime.current, cell);
      const own = copyValue(value, about);
      keep(entry, synchronous(entry.exists ? add(entry.value, own) : first(own), about), about);
    },
    clear() {
      state.valueEntry(runtime.current, cell).remove();
    },
  };
}

/** A list keeps its length beside its elements under 0 to length - 1: an append writes only these two. */
const lengthKey = listLengthKey;

/** The same state, seen as its elements: two types of entries lie in one map. */
function elementsOf(lengths: MapCell<typeof lengthKey, number>): MapCell<number, unknown> {
  return lengths as number as MapCell<number, unknown>;
}

function listState({ runtime, about, cell: name }: HandleParts): ListState<unknown> {
  const { state } = runtime;
  const lengths = state.declareMap<typeof lengthKey, number>(name);
  const cell = elementsOf(lengths);

  function lengthOf(): number {
    return state.findMapEntry(runtime.current, lengths, lengthKey)?.value ?? 0;
  }

  function truncate(from: number): void {
    const length = lengthOf();
    for (let index = from; index < length; index++)
      state.findMapEntry(runtime.current, cell, index)?.remove();
    if (from === 0) state.findMapEntry(runtime.current, lengths, lengthKey)?.remove();
    else state.mapEntry(runtime.current, lengths, lengthKey).value = from;
  }

  return {
    get() {
      const elements: unknown[] = [];
      const length = lengthOf();
      for (let index = 0; index < length; index++) {
        const entry = state.findMapEntry(runtime.current, cell, index);
        // Those that expired before the list had no time to live any more have left gaps.
        if (entry !== undefined) elements.push(entry.value);
      }
      return elements;
    },
    add(value) {
      const length = state.mapEntry(runtime.current, lengths, lengthKey);
      const index = length.exists ? length.value : 0;
      const own = copyValue(value, about);
      state.mapEntry(runtime.current, cell, index).value = own;
      length.value = index + 1;
    },
    set(values) {
      // All of them first: some may be refused, and some be what get answered for other places.
      const elements = values.map((value) => copyValue(value, about));
      truncate(elements.length);
      for (const [index, value] of elements.entries())
        state.mapEntry(runtime.current, cell, index).value = value;
    },
    clear: () => truncate(0),
  };
}

function mapState({ runtime, about, cell: name }: HandleParts): MapState<KeyValue, unknown> {
  const { state } = runtime;
  const cell = state.declareMap<KeyValue, unknown>(name);
  return {
    get: (key) => state.findMapEntry(runtime.current, cell, key)?.value,
    has: (key) => state.findMapEntry(runtime.current, cell, key) !== undefined,
    set(key, value) {
      keep(state.mapEntry(runtime.current, cell, key), value, about);
    },
    delete(key) {
      state.findMapEntry(runtime.current, cell, key)?.remove();
    },
    *entries() {
      for (const entry of state.orderedMapEntries(runtime.current, cell))
        if (entry.exists) yield [entry.mapKey, entry.value] as const;
    },
    isEmpty: () => !state.hasMapEntries(runtime.current, cell),
    clear() {
      for (const entry of state.mapEntries(runtime.current, cell)) entry.remove();
    },
  };
}
