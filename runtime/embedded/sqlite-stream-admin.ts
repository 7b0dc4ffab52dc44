import type { DatabaseSync } from "node:sqlite";
import {
  describeShards,
  endShards,
  mergeShards,
  newShards,
  splitShard,
  type Resharding,
  type ShardState,
} from "./shard-layout.ts";
import { calling, inTransaction } from "./sqlite-database.ts";
import type { SqliteShards } from "./sqlite-shards.ts";
import type { StreamAdmin } from "./stream-admin.ts";

export function sqliteStreamAdmin(database: DatabaseSync, shards: SqliteShards): StreamAdmin {
  const reshard = (stream: string, plan: (states: readonly ShardState[]) => Resharding) =>
    calling(database, () =>
      inTransaction(database, () => shards.apply(stream, plan(shards.statesOf(stream)))),
    );
  return {
    createStream: (stream, options) =>
      calling(database, () =>
        inTransaction(database, () => {
          if (shards.exists(stream)) return;
          shards.apply(stream, { closes: [], opens: newShards(stream, options.shards) });
        }),
      ),
    split: (stream, shardId) => reshard(stream, (states) => splitShard(stream, states, shardId)),
    merge: (stream, shardA, shardB) =>
      reshard(stream, (states) => mergeShards(stream, states, [shardA, shardB])),
    endStream: (stream) => reshard(stream, endShards),
    describe: (stream) => calling(database, () => describeShards(stream, shards.statesOf(stream))),
  };
}
