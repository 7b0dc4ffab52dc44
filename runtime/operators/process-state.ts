import type { KeyValue } from "../graph/key-value.ts";
import type {
  ListState,
  MapState,
  StateDeclaration,
  StateDeclarations,
  ValueState,
} from "../graph/state-declarations.ts";
import { listLengthKey } from "../state/state-migrators.ts";
import type { KeyedRuntime } from "./contract.ts";

type AnyHandle = ValueState<unknown> | ListState<unknown> | MapState<KeyValue, unknown>;

/** The handles of `ctx.state`: made once, they read and write the state of the key in hand. */
export function stateHandles(
  uid: string,
  runtime: KeyedRuntime,
  declarations: StateDeclarations,
): Readonly<Record<string, AnyHandle>> {
  const handles: Record<string, AnyHandle> = {};
  for (const [name, declaration] of Object.entries(declarations))
    handles[name] = handleOf(runtime, declaration, (kind) =>
      runtime.state.declare(uid, name, { kind }),
    );
  return handles;
}

function handleOf(
  runtime: KeyedRuntime,
  { kind }: StateDeclaration,
  declare: (kind: "value" | "map") => number,
): AnyHandle {
  switch (kind) {
    case "value":
      return valueState(runtime, declare("value"));
    case "list":
      return listState(runtime, declare("map"));
    case "map":
      return mapState(runtime, declare("map"));
  }
}

function valueState(runtime: KeyedRuntime, cell: number): ValueState<unknown> {
  const { state } = runtime;
  return {
    get: () => state.valueEntry(runtime.current, cell).value,
    set(value) {
      state.valueEntry(runtime.current, cell).value = value;
    },
    clear() {
      state.valueEntry(runtime.current, cell).remove();
    },
  };
}

/** A list keeps its length beside its elements under 0 to length - 1: an append writes only these two. */
const lengthKey = listLengthKey;

function listState(runtime: KeyedRuntime, cell: number): ListState<unknown> {
  const { state } = runtime;

  function lengthOf(): number {
    const entry = state.findMapEntry(runtime.current, cell, lengthKey);
    return (entry?.value as number | undefined) ?? 0;
  }

  function truncate(from: number): void {
    const length = lengthOf();
    for (let index = from; index < length; index++)
      state.findMapEntry(runtime.current, cell, index)?.remove();
    if (from === 0) state.findMapEntry(runtime.current, cell, lengthKey)?.remove();
    else state.mapEntry(runtime.current, cell, lengthKey).value = from;
  }

  return {
    get() {
      const elements: unknown[] = [];
      const length = lengthOf();
      for (let index = 0; index < length; index++)
        elements.push(state.findMapEntry(runtime.current, cell, index)?.value);
      return elements;
    },
    add(value) {
      const length = state.mapEntry(runtime.current, cell, lengthKey);
      const index = length.exists ? (length.value as number) : 0;
      state.mapEntry(runtime.current, cell, index).value = value;
      length.value = index + 1;
    },
    set(values) {
      // A copy: `values` may be what get answered.
      const elements = [...values];
      truncate(elements.length);
      for (const [index, value] of elements.entries())
        state.mapEntry(runtime.current, cell, index).value = value;
    },
    clear: () => truncate(0),
  };
}

function mapState(runtime: KeyedRuntime, cell: number): MapState<KeyValue, unknown> {
  const { state } = runtime;
  return {
    get: (key) => state.findMapEntry(runtime.current, cell, key)?.value,
    has: (key) => state.findMapEntry(runtime.current, cell, key) !== undefined,
    set(key, value) {
      state.mapEntry(runtime.current, cell, key).value = value;
    },
    delete(key) {
      state.findMapEntry(runtime.current, cell, key)?.remove();
    },
    *entries() {
      for (const entry of state.orderedMapEntries(runtime.current, cell))
        if (entry.exists) yield [entry.mapKey as KeyValue, entry.value] as const;
    },
    isEmpty: () => !state.hasMapEntries(runtime.current, cell),
    clear() {
      for (const entry of state.mapEntries(runtime.current, cell)) entry.remove();
    },
  };
}
