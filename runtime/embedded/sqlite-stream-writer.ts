import type { DatabaseSync } from "node:sqlite";
import { storeError } from "../errors/millrace-error.ts";
import type { Clock } from "../ports/environment.ts";
import type { PutEntry, PutResult, Shard, StreamWriter } from "../ports/streams.ts";
import { checkPut } from "../serde/put-limits.ts";
import { routePut } from "./put-routing.ts";
import { packSegment } from "./segment.ts";
import { withChecksum } from "./row-checksum.ts";
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
  const writeAll = shardWrites(database, { shards, clock });

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
      calling(database, () => {
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
  { shards, clock }: SqliteStreamWriterOptions,
): (writes: readonly Write[]) => PutResult[] | undefined {
  const insert = database.prepare(`
    INSERT INTO segment (shard, last, first, arrival, records, checksum)
    VALUES (:shard, :last, :first, :arrival, :records, :checksum)`);
  const write = ({ number, shardId, indexes, packed }: Write, results: PutResult[]) => {
    const count = indexes.length;
    const room = shards.advance(number, { count, nowMs: clock.nowMs() });
    if (room === undefined) throw staleLayout;
    const { first, arrivalMs: arrival } = room;
    const segment = { shard: number, last: first + count - 1, first, arrival, records: packed };
    insert.run(withChecksum("segment", segment));
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
