import type { DatabaseSync } from "node:sqlite";
import type { CommitLog, LogName, LogRow } from "../ports/commit-log.ts";
import { checkedRow, damagedStore, type FoundRow, withChecksum } from "./row-checksum.ts";
import { calling } from "./sqlite-database.ts";

const columns = "version, nonce, kind, epoch, plan, format, body_key, body, checksum";

/** Commit logs in the table `log`, one row per place of a ring. */
export function sqliteCommitLog(database: DatabaseSync): CommitLog {
  // protocol 3.3: one statement, so that nobody comes between the condition and the write.
  const append = database.prepare(`
    INSERT INTO log (job, generation, slot, place, ${columns})
    VALUES (:job, :generation, :slot, :place, :version, :nonce, :kind, :epoch, :plan, :format, :body_key, :body, :checksum)
    ON CONFLICT DO UPDATE SET version = excluded.version, nonce = excluded.nonce, kind = excluded.kind,
      epoch = excluded.epoch, plan = excluded.plan, format = excluded.format,
      body_key = excluded.body_key, body = excluded.body, checksum = excluded.checksum
    WHERE log.version = excluded.version - :ringSize`);
  const inPlace = database.prepare(`SELECT ${columns} FROM log
    WHERE job = :job AND generation = :generation AND slot = :slot AND place = :place`);
  const range = database.prepare(`
    SELECT ${columns} FROM log WHERE job = ? AND generation = ? AND slot = ? AND version BETWEEN ? AND ? ORDER BY version`);
  const read = (slot: LogName, first: number, last: number): LogRow[] => {
    const { job, generation, slot: name } = slot;
    const rows = range.all(job, generation, name, first, last).map((row) => rowOf(slot, row));
    checkUnbroken(slot, rows);
    return rows;
  };
  return {
    append: (slot, row) =>
      calling(database, () => {
        const place = placeOf(slot, row.version);
        const values = withChecksum("log", { ...place, ...valuesOf(row) });
        const { ringSize } = slot;
        if (append.run({ ...values, ringSize }).changes === 1) return { appended: true };
        const found = inPlace.get(place);
        return found === undefined
          ? { appended: false }
          : { appended: false, found: rowOf(slot, found) };
      }),

    read: (slot, { first, last }) => calling(database, () => read(slot, first, last)),
    readAll: (slot) => calling(database, () => read(slot, 0, Number.MAX_SAFE_INTEGER)),
  };
}

const placeOf = ({ job, generation, slot, ringSize }: LogName, version: number) => ({
  job,
  generation,
  slot,
  place: version % ringSize,
});

const valuesOf = ({ bodyKey, body, version, nonce, kind, epoch, plan, format }: LogRow) => ({
  version,
  nonce,
  kind,
  epoch,
  plan,
  format,
  body_key: bodyKey ?? null,
  body: body ?? null,
});

function rowOf(slot: LogName, row: FoundRow): LogRow {
  // The place is the one that was asked for: an index that leads to another row does not go unnoticed.
  checkedRow("log", { ...row, ...placeOf(slot, row["version"] as number) });
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

/** A version is appended when the one before it is there, and a ring loses its oldest only. */
function checkUnbroken({ job, slot }: LogName, rows: readonly LogRow[]): void {
  const gap = rows.findIndex(({ version }, at) => version !== rows[0]!.version + at);
  if (gap === -1) return;
  const missing = rows[gap - 1]!.version + 1;
  throw damagedStore(`version ${missing} of the slot ${slot} of the job "${job}" is missing`);
}
