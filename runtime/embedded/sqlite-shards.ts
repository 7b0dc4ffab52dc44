import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { checkedRow, damagedStore, type FoundRow, withChecksum } from "./row-checksum.ts";
import type { Resharding, ShardState } from "./shard-layout.ts";
import { shardMissing, streamMissing } from "./stream-errors.ts";

/** What is put into a shard. */
export interface Arrivals {
  readonly count: number;
  readonly nowMs: number;
}

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
  /** Makes room behind a shard's end, in a transaction: its first sequence number and arrival time; undefined if it is closed. */
  advance(
    number: number,
    arrivals: Arrivals,
  ): { readonly first: number; readonly arrivalMs: number } | undefined;
}

export function sqliteShards(database: DatabaseSync): SqliteShards {
  const all = database.prepare("SELECT * FROM shard WHERE stream = ? ORDER BY shard_id");
  const some = database.prepare("SELECT 1 FROM shard WHERE stream = ? LIMIT 1");
  const named = database.prepare("SELECT * FROM shard WHERE stream = ? AND shard_id = ?");
  const numbered = database.prepare("SELECT * FROM shard WHERE number = ?");
  const lastNumber = database.prepare("SELECT max(number) AS number FROM shard");
  const write = database.prepare(`
    INSERT INTO shard (number, stream, shard_id, first_hash, last_hash, parents, closed, first_sequence, next_sequence,
      last_arrival, checksum)
    VALUES (:number, :stream, :shard_id, :first_hash, :last_hash, :parents, :closed, :first_sequence, :next_sequence,
      :last_arrival, :checksum)
    ON CONFLICT (number) DO UPDATE SET closed = excluded.closed, next_sequence = excluded.next_sequence,
      last_arrival = excluded.last_arrival, checksum = excluded.checksum`);
  const put = (row: Record<string, SQLInputValue>) => write.run(withChecksum("shard", row));
  const rowOf = (number: number): FoundRow => {
    const row = numbered.get(number);
    if (row === undefined) throw damagedStore(`shard ${number} is missing`);
    return checkedRow("shard", row);
  };
  const numbers = new Map<string, number>();
  return {
    statesOf(stream) {
      const states = all.all(stream).map(stateOf);
      if (states.length === 0) throw streamMissing(stream);
      return states;
    },

    exists: (stream) => some.get(stream) !== undefined,

    apply(stream, { closes, opens }) {
      for (const shardId of closes) {
        const row = named.get(stream, shardId);
        if (row !== undefined) put({ ...checkedRow("shard", row), closed: 1 });
      }
      let number = Number(lastNumber.get()?.["number"] ?? 0);
      for (const shard of opens) put({ ...openRow(shard), stream, number: ++number });
    },

    numberOf(stream, shardId) {
      const name = JSON.stringify([stream, shardId]);
      const known = numbers.get(name) ?? numberOf(named.get(stream, shardId));
      if (known === undefined) {
        if (some.get(stream) === undefined) throw streamMissing(stream);
        throw shardMissing(stream, shardId);
      }
      numbers.set(name, known);
      return known;
    },

    endsOf: (number) => endsOf(rowOf(number)),

    // Arrival times of a shard never fall, whatever the clock does: positions by time depend on it.
    advance(number, { count, nowMs }) {
      const row = rowOf(number);
      const { nextSequence: first, closed } = endsOf(row);
      if (closed) return undefined;
      const arrivalMs = Math.max(row["last_arrival"] as number, nowMs);
      put({ ...row, next_sequence: first + count, last_arrival: arrivalMs });
      return { first, arrivalMs };
    },
  };
}

const numberOf = (row: FoundRow | undefined): number | undefined =>
  row && (checkedRow("shard", row)["number"] as number);

const openRow = ({ shardId, firstHash, lastHash, parents, ...ends }: ShardState) => ({
  shard_id: shardId,
  first_hash: firstHash,
  last_hash: lastHash,
  parents: JSON.stringify(parents),
  closed: 0,
  first_sequence: ends.firstSequence,
  next_sequence: ends.nextSequence,
  last_arrival: 0,
});

const endsOf = (row: FoundRow) => ({
  firstSequence: row["first_sequence"] as number,
  nextSequence: row["next_sequence"] as number,
  closed: row["closed"] === 1,
});

function stateOf(found: FoundRow): ShardState {
  const row = checkedRow("shard", found);
  return {
    shardId: row["shard_id"] as string,
    firstHash: row["first_hash"] as string,
    lastHash: row["last_hash"] as string,
    parents: JSON.parse(row["parents"] as string) as string[],
    ...endsOf(row),
  };
}
