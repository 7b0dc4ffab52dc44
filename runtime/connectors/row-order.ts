import type { RowWriter, WriteOrder } from "../ports/keyed-table.ts";

/** What is known of the row in place. */
export interface RowInPlace {
  /** The job that wrote it; absent where it was written before rows had owners. */
  readonly owner?: string;
  /** Of the life in which it was written. */
  readonly incarnation: number;
  readonly order: WriteOrder;
}

export type RowOutcome = "applied" | "superseded" | "owned by another job";

/** protocol 9.1: what becomes of a write. Tables that can't ask this function put its answer into a condition. */
export function outcomeOf(
  { job, incarnation, takesOver }: RowWriter,
  order: WriteOrder,
  inPlace: RowInPlace | undefined,
): RowOutcome {
  if (inPlace === undefined) return "applied";
  if (inPlace.owner !== undefined && inPlace.owner !== job)
    return takesOver ? "applied" : "owned by another job";
  if (incarnation !== inPlace.incarnation)
    return incarnation > inPlace.incarnation ? "applied" : "superseded";
  return isAbove(order, inPlace.order) ? "applied" : "superseded";
}

/** What a table answers where the row is another job's. */
export function ownedByOther(owner: string): string {
  return `The row belongs to job "${owner}", and the sink doesn't take over rows of other jobs.`;
}

function isAbove(order: WriteOrder, inPlace: WriteOrder): boolean {
  if (order.generation !== inPlace.generation) return order.generation > inPlace.generation;
  if (order.version !== inPlace.version) return order.version > inPlace.version;
  return order.index > inPlace.index;
}
