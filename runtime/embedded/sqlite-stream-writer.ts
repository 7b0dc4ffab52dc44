import type { DatabaseSync } from "node:sqlite";
import { storeError } from "../errors/millrace-error.ts";
import type { Clock } from "../ports/environment.ts";
import type { PutEntry, PutResult, Shard, StreamWriter } from "../ports/streams.ts";
import { checkPut } from "../serde/put-limits.ts";
import { routePut } from "./put-routing.ts";
import { packSegment } from "./segment.ts";
import { calling, inTransaction } from "./sqlite-database.ts";
import type { SqliteShards } from "./sqlite-shards.ts";

export interface SqliteStreamWriterOptions {
  readonly shards: SqliteShards;
  readonly clock: Clock;
}

/** What a put writes to one shard, made before the write lock is taken. */
interface Write {
  readonly number: number;
  readonly shardId: string;
  readonly indexes: readonly number[];
  readonly packed: Uint8Array;
}

const maxReroutes = 10;

export function sqliteStreamWriter(
  database: DatabaseSync,
  { shards, clock }: SqliteStreamWriterOptions,
): StreamWriter {
  const layouts = new Map<string, readonly Shard[]>();
  const writeAll = shardWrites(database, clock);

  const prepare = (stream: string, entries: readonly PutEntry[]): Write[] => {
    const layout = layouts.get(stream) ?? shards.statesOf(stream);
    layouts.set(stream, layout);
    return routePut(stream, layout, entries).map(({ shardId, indexes }) => ({
      number: shards.numberOf(stream, shardId),
      shardId,
      indexes,
      packed: packSegment(indexes.map((index) => entries[index]!)),
    }));
  };
  return {
    put: (stream, entries) =>
      calling(() => {
        checkPut(stream, entries);
        // The known layout may be older than a resharding: the shards say so when they refuse.
        for (let reroutes = 0; reroutes < maxReroutes; reroutes++) {
          const results = writeAll(prepare(stream, entries));
          if (results !== undefined) return results;
          layouts.delete(stream);
        }
        throw storeError("stream-resharding", {
          message: `The stream "${stream}" was resharded during each of ${maxReroutes} tries of a put.`,
          retryable: true,
        });
      }),
  };
}

/** Writes everything, or nothing and answers `undefined` if one of the shards is closed. */
function shardWrites(
  database: DatabaseSync,
  clock: Clock,
): (writes: readonly Write[]) => PutResult[] | undefined {
  // Arrival times of a shard never fall, whatever the clock does: positions by time depend on it.
  const advance = database.prepare(`
    UPDATE shard SET next_sequence = next_sequence + ?, last_arrival = max(last_arrival, ?)
    WHERE number = ? AND closed = 0 RETURNING next_sequence, last_arrival`);
  const insert = database.prepare(
    "INSERT INTO segment (shard, last, first, arrival, records) VALUES (?, ?, ?, ?, ?)",
  );
  const write = ({ number, shardId, indexes, packed }: Write, results: PutResult[]) => {
    const row = advance.get(indexes.length, clock.nowMs(), number);
    if (row === undefined) throw staleLayout;
    const next = row["next_sequence"] as number;
    const first = next - indexes.length;
    insert.run(number, next - 1, first, row["last_arrival"] as number, packed);
    for (const [offset, index] of indexes.entries()) {
      results[index] = { put: true, shardId, sequence: String(first + offset) };
    }
  };
  return (writes) => {
    const results: PutResult[] = [];
    try {
      inTransaction(database, () => writes.forEach((each) => write(each, results)));
    } catch (error) {
      if (error === staleLayout) return undefined;
      throw error;
    }
    return results;
  };
}

/** Thrown to roll back a put that met a closed shard. */
const staleLayout = new Error("stale layout");
