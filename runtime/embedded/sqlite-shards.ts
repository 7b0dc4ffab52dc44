import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { Resharding, ShardState } from "./shard-layout.ts";
import { shardMissing, streamMissing } from "./stream-errors.ts";

/** The table `shard`. A shard's number is what its segments are stored under; it never changes. */
export interface SqliteShards {
  /** In ascending order of id. @throws store-missing where there is no such stream. */
  statesOf(stream: string): ShardState[];
  exists(stream: string): boolean;
  /** Only in a transaction that has read the states that the resharding was made from. */
  apply(stream: string, resharding: Resharding): void;
  numberOf(stream: string, shardId: string): number;
  /** The ends of a shard by its number: one row by primary key, all that a reader at the tip costs. */
  endsOf(number: number): Pick<ShardState, "firstSequence" | "nextSequence" | "closed">;
}

export function sqliteShards(database: DatabaseSync): SqliteShards {
  const all = database.prepare("SELECT * FROM shard WHERE stream = ? ORDER BY shard_id");
  const one = database.prepare("SELECT 1 FROM shard WHERE stream = ? LIMIT 1");
  const number = database.prepare("SELECT number FROM shard WHERE stream = ? AND shard_id = ?");
  const ends = database.prepare(
    "SELECT first_sequence, next_sequence, closed FROM shard WHERE number = ?",
  );
  const close = database.prepare("UPDATE shard SET closed = 1 WHERE stream = ? AND shard_id = ?");
  const open = database.prepare(`
    INSERT INTO shard (stream, shard_id, first_hash, last_hash, parents, closed, first_sequence, next_sequence, last_arrival)
    VALUES (?, ?, ?, ?, ?, 0, ?, ?, 0)`);
  const numbers = new Map<string, number>();
  return {
    statesOf(stream) {
      const states = all.all(stream).map(stateOf);
      if (states.length === 0) throw streamMissing(stream);
      return states;
    },

    exists: (stream) => one.get(stream) !== undefined,

    apply(stream, { closes, opens }) {
      for (const shardId of closes) close.run(stream, shardId);
      for (const { shardId, firstHash, lastHash, parents, firstSequence, nextSequence } of opens) {
        const texts = [stream, shardId, firstHash, lastHash, JSON.stringify(parents)] as const;
        open.run(...texts, firstSequence, nextSequence);
      }
    },

    numberOf(stream, shardId) {
      const name = JSON.stringify([stream, shardId]);
      const known = numbers.get(name) ?? (number.get(stream, shardId)?.["number"] as number);
      if (known === undefined) {
        if (one.get(stream) === undefined) throw streamMissing(stream);
        throw shardMissing(stream, shardId);
      }
      numbers.set(name, known);
      return known;
    },

    endsOf(shard) {
      const row = ends.get(shard)!;
      return {
        firstSequence: row["first_sequence"] as number,
        nextSequence: row["next_sequence"] as number,
        closed: row["closed"] === 1,
      };
    },
  };
}

const stateOf = (row: Record<string, SQLOutputValue>): ShardState => ({
  shardId: row["shard_id"] as string,
  firstHash: row["first_hash"] as string,
  lastHash: row["last_hash"] as string,
  parents: JSON.parse(row["parents"] as string) as string[],
  closed: row["closed"] === 1,
  firstSequence: row["first_sequence"] as number,
  nextSequence: row["next_sequence"] as number,
});
