import type { Change } from "../graph/change.ts";
import type { JoinedInput } from "../graph/multi-join.ts";
import { packMessage } from "../serde/msgpack.ts";
import { sameBytes } from "../serde/same-bytes.ts";
import type { KeyedRuntime } from "./contract.ts";

/** A row with its event time. */
export type Row = readonly [value: unknown, timestampMs: number];

export interface RowChange {
  readonly value: unknown;
  readonly timestampMs: number;
  readonly change: Change;
  readonly before: unknown;
}

/** What a change does to the rows of an input; undefined stands for the row of an input that has none and needs none. */
export interface RowsChanged {
  readonly gone: readonly (Row | undefined)[];
  readonly come: readonly (Row | undefined)[];
}

const nobody: readonly undefined[] = [undefined];
const none: readonly Row[] = [];

interface JoinedRowsOptions {
  readonly uid: string;
  readonly input: JoinedInput;
  /** What is withdrawn is exactly what was given. */
  readonly knowsBefore: boolean;
}

/** The rows that one input of a join has for the key in hand. */
export function joinedRows(
  runtime: KeyedRuntime,
  { uid, input: { name, keeps, isRequired }, knowsBefore }: JoinedRowsOptions,
) {
  const { state } = runtime;
  const cell = state.declareMap<number, Row>({ uid, name });
  const entries = () => state.orderedMapEntries(runtime.current, cell);

  function put(row: Row): void {
    const at = keeps === "last" ? 0 : (state.lastMapKey(runtime.current, cell) ?? -1) + 1;
    state.mapEntry(runtime.current, cell, at).value = row;
  }

  /**
   * Takes out the row that is withdrawn or replaced: the first one that is equal. Where the last one alone is kept, another takes its place whatever it
   * replaces, and it stands when a row from before it is withdrawn, as those are of a stream that has moved to another key.
   */
  function takeOut(value: unknown, change: Change): readonly Row[] {
    const isAny = keeps === "last" && (change !== "delete" || !knowsBefore);
    const bytes = isAny ? undefined : packMessage(value);
    const found = entries().find(
      (entry) => bytes === undefined || sameBytes(packMessage(entry.value[0]), bytes),
    );
    if (found === undefined) return none;
    const row = found.value;
    found.remove();
    return [row];
  }

  return {
    /** What a result may have of it. */
    standing(): readonly (Row | undefined)[] {
      const rows = entries().map(({ value }) => value);
      return rows.length === 0 && !isRequired ? nobody : rows;
    },
    change({ value, timestampMs, change, before }: RowChange): RowsChanged {
      const wasEmpty = !state.hasMapEntries(runtime.current, cell);
      const replaces = keeps === "last" || change !== "insert";
      const gone = replaces ? takeOut(change === "replace" ? before : value, change) : none;
      const come: readonly Row[] = change === "delete" ? none : [[value, timestampMs]];
      for (const row of come) put(row);
      if (isRequired) return { gone, come };
      const isEmpty = !state.hasMapEntries(runtime.current, cell);
      return {
        gone: wasEmpty && !isEmpty ? nobody : gone,
        come: isEmpty && !wasEmpty ? nobody : come,
      };
    },
  };
}
