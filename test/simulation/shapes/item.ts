import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { MapState } from "../../../runtime/index.ts";
import { noteCodeRun, report } from "../shape.ts";

/** What the feeds of all shapes consist of. */
export interface Item {
  /** Unique in the case. */
  readonly id: string;
  readonly key: string;
  readonly atMs: number;
  /** Partition key of its record; no two streams share one. */
  readonly from: string;
  /** Increases by one from record to record of a partition key. */
  readonly seq: number;
  readonly value: number;
  /** User code at this place throws whenever it sees the item. */
  readonly trap?: string;
  /** Makes some items large. */
  readonly pad?: string;
}

/** Accepts items, and says no more than that something else is none. */
export const itemSchema: StandardSchemaV1<unknown, Item> = {
  "~standard": {
    version: 1,
    vendor: "simulation",
    validate: (value) =>
      isItem(value) ? { value } : { issues: [{ message: "it is no item", path: [] }] },
  },
};

function isItem(value: unknown): value is Item {
  noteCodeRun();
  if (typeof value !== "object" || value === null) return false;
  const { id, key, atMs, from, seq } = value as Partial<Item>;
  return (
    typeof id === "string" &&
    typeof key === "string" &&
    typeof atMs === "number" &&
    typeof from === "string" &&
    typeof seq === "number"
  );
}

/** User code that throws on the items that are meant for the place. */
export function springTrap(item: Item, place: string): void {
  noteCodeRun();
  if (item.trap === place) throw new Error(trapReason(place));
}

export function trapReason(place: string): string {
  return `A trap in ${place}.`;
}

/**
 * Reports what came twice or out of order. `last` is state of the key in hand: the last sequence number by partition key.
 * It sees nothing but what the engine hands in, since a step may be run again by anybody.
 */
export function checkOrder(place: string, item: Item, last: MapState<string, number>): void {
  const before = last.get(item.from);
  if (before !== undefined && item.seq <= before)
    report(
      `${place}: ${item.id}, number ${item.seq} of ${item.from}, came after number ${before}.`,
    );
  last.set(item.from, item.seq);
}
