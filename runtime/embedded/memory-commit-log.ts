import type { CommitLog, LogName, LogRow } from "../ports/commit-log.ts";

/** Commit logs in this process's memory, kept for its life. */
export function memoryCommitLog(): CommitLog {
  const rings = new Map<string, Map<number, LogRow>>();
  const rowsOf = (slot: LogName): LogRow[] =>
    [...(rings.get(nameOf(slot))?.values() ?? [])].sort((a, b) => a.version - b.version);
  return {
    async append(slot, row) {
      const ring = rings.get(nameOf(slot)) ?? new Map<number, LogRow>();
      rings.set(nameOf(slot), ring);
      const place = row.version % slot.ringSize;
      const found = ring.get(place);
      // protocol 3.3: a place takes a version only when empty, or from exactly one ring before.
      if (found !== undefined && found.version !== row.version - slot.ringSize) {
        return { appended: false, found };
      }
      ring.set(place, { ...row, ...(row.body && { body: row.body.slice() }) });
      return { appended: true };
    },

    async read(slot, { first, last }) {
      return rowsOf(slot).filter(({ version }) => version >= first && version <= last);
    },

    async readAll(slot) {
      return rowsOf(slot);
    },
  };
}

const nameOf = ({ job, generation, slot }: LogName): string =>
  JSON.stringify([job, generation, slot]);
