import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { CommitLog, LogName, LogRow } from "../ports/commit-log.ts";
import { calling } from "./sqlite-database.ts";

const columns = "version, nonce, kind, epoch, plan, format, body_key, body";
const ofSlot = "job = ? AND generation = ? AND slot = ?";

/** Commit logs in the table `log`, one row per place of a ring. */
export function sqliteCommitLog(database: DatabaseSync): CommitLog {
  // protocol 3.3: one statement, so that nobody comes between the condition and the write.
  const append = database.prepare(`
    INSERT INTO log (job, generation, slot, place, ${columns})
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET version = excluded.version, nonce = excluded.nonce, kind = excluded.kind,
      epoch = excluded.epoch, plan = excluded.plan, format = excluded.format,
      body_key = excluded.body_key, body = excluded.body
    WHERE log.version = excluded.version - ?`);
  const place = database.prepare(`SELECT ${columns} FROM log WHERE ${ofSlot} AND place = ?`);
  const range = database.prepare(`
    SELECT ${columns} FROM log WHERE ${ofSlot} AND version BETWEEN ? AND ? ORDER BY version`);
  const read = (slot: LogName, first: number, last: number): LogRow[] =>
    range.all(...nameOf(slot), first, last).map(rowOf);
  return {
    append: (slot, row) =>
      calling(() => {
        const at = row.version % slot.ringSize;
        const values = [...nameOf(slot), at, ...valuesOf(row), slot.ringSize] as const;
        if (append.run(...values).changes === 1) return { appended: true };
        const found = place.get(...nameOf(slot), at);
        return found === undefined ? { appended: false } : { appended: false, found: rowOf(found) };
      }),

    read: (slot, { first, last }) => calling(() => read(slot, first, last)),
    readAll: (slot) => calling(() => read(slot, 0, Number.MAX_SAFE_INTEGER)),
  };
}

const nameOf = ({ job, generation, slot }: LogName) => [job, generation, slot] as const;

const valuesOf = (row: LogRow) =>
  [
    row.version,
    row.nonce,
    row.kind,
    row.epoch,
    row.plan,
    row.format,
    row.bodyKey ?? null,
    row.body ?? null,
  ] as const;

function rowOf(row: Record<string, SQLOutputValue>): LogRow {
  const { body, body_key: bodyKey } = row;
  return {
    version: row["version"] as number,
    nonce: row["nonce"] as string,
    kind: row["kind"] as LogRow["kind"],
    epoch: row["epoch"] as number,
    plan: row["plan"] as string,
    format: row["format"] as number,
    ...(body !== null && { body: body as Uint8Array }),
    ...(bodyKey !== null && { bodyKey: bodyKey as string }),
  };
}
