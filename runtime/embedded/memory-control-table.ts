import type { ControlRow, ControlTable, JsonValue, PutCondition } from "../ports/control-table.ts";

interface StoredRow {
  readonly rank: number;
  /** As text, so that nobody shares mutable data with the table. */
  readonly value: string;
}

/** Control rows in this process's memory, kept for its life. */
export function memoryControlTable(): ControlTable {
  const partitions = new Map<string, Map<string, StoredRow>>();
  const rowAt = (partition: string, sort: string): ControlRow | undefined => {
    const stored = partitions.get(partition)?.get(sort);
    return stored && { partition, sort, rank: stored.rank, value: jsonOf(stored.value) };
  };
  return {
    async get({ partition, sort }) {
      return rowAt(partition, sort);
    },

    async list(partition) {
      const sorts = [...(partitions.get(partition)?.keys() ?? [])].sort();
      return sorts.map((sort) => rowAt(partition, sort)!);
    },

    async put({ partition, sort, rank, value }, condition) {
      const found = rowAt(partition, sort);
      if (!holds(condition, found?.rank, rank)) {
        return found === undefined ? { written: false } : { written: false, found };
      }
      const rows = partitions.get(partition) ?? new Map<string, StoredRow>();
      partitions.set(partition, rows.set(sort, { rank, value: JSON.stringify(value) }));
      return { written: true };
    },

    async delete({ partition, sort, rank }) {
      if (rowAt(partition, sort)?.rank === rank) partitions.get(partition)?.delete(sort);
    },
  };
}

function holds(condition: PutCondition, inPlace: number | undefined, rank: number): boolean {
  switch (condition.kind) {
    case "absent":
      return inPlace === undefined;
    case "forward":
      return inPlace === undefined || inPlace < rank;
    case "rank":
      return inPlace === condition.rank;
    case "always":
      return true;
  }
}

const jsonOf = (text: string): JsonValue => JSON.parse(text) as JsonValue;
