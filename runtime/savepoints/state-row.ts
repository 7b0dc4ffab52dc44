import type { KeyValue } from "../graph/key-value.ts";
import { unpackPlainValue } from "../serde/msgpack.ts";

export interface ReadSavepoint {
  /** Uid of an operator. Default: all of them. */
  readonly operator?: string;
  /** Name of a state. Default: all of the operator. */
  readonly state?: string;
  /** Only these keys. Default: all. */
  readonly keys?: readonly KeyValue[];
}

/** One value, or one entry of a map or a list. */
export interface StateRow {
  readonly operator: string;
  readonly state: string;
  /** Absent where it is broadcast state: that has none. */
  readonly key?: KeyValue;
  /** Key of the map's entry; of a list the index, and "length" for how many there are; of a window "start/end". */
  readonly mapKey?: KeyValue;
  readonly value: unknown;
}

/** The operator and the state that a cell's name stands for. */
export function cellParts(cell: string): Pick<StateRow, "operator" | "state"> {
  const at = cell.indexOf("/");
  return { operator: cell.slice(0, at), state: cell.slice(at + 1) };
}

export const isOf = (cell: string, operator: string): boolean => cell.startsWith(`${operator}/`);

/** Whether a cell was asked for. */
export function matches(cell: string, { operator, state }: ReadSavepoint): boolean {
  return (
    (operator === undefined || isOf(cell, operator)) &&
    (state === undefined || cellParts(cell).state === state)
  );
}

/** The value that an entry holds. */
export function valueOf(committed: unknown): unknown {
  return committed instanceof Uint8Array ? unpackPlainValue(committed) : committed;
}
