import type { KeyValue } from "../graph/key-value.ts";

/**
 * What one commit changes in the broadcast state of a stage, in columns: entry i is state `cells[cell[i]]`, map key `mapKey[i]` and what is
 * committed, `undefined` for an entry that is gone. Parts and takeovers hold all of it.
 */
export interface BroadcastDelta {
  readonly stage: string;
  /** Names of the states: operator uid, "/", name of the state. */
  readonly cells: readonly string[];
  readonly cell: readonly number[];
  readonly mapKey: readonly KeyValue[];
  readonly committed: readonly unknown[];
}

export interface BroadcastEntry {
  readonly cell: number;
  readonly mapKey: KeyValue;
  readonly committed: unknown;
}

export function broadcastDelta(
  { stage, cells }: Pick<BroadcastDelta, "stage" | "cells">,
  entries: readonly BroadcastEntry[],
): BroadcastDelta {
  return {
    stage,
    cells,
    cell: entries.map(({ cell }) => cell),
    mapKey: entries.map(({ mapKey }) => mapKey),
    committed: entries.map(({ committed }) => committed),
  };
}

/** The entries of a delta, in its order. */
export function entriesOf({ cell, mapKey, committed }: BroadcastDelta): readonly BroadcastEntry[] {
  return cell.map((index, at) => ({
    cell: index,
    mapKey: mapKey[at] as KeyValue,
    committed: committed[at],
  }));
}
