import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../ports/environment.ts";
import type { EmbeddedStreams } from "./embedded-streams.ts";
import { sqliteShards } from "./sqlite-shards.ts";
import { sqliteStreamAdmin } from "./sqlite-stream-admin.ts";
import { sqliteStreamReader } from "./sqlite-stream-reader.ts";
import { sqliteStreamWriter } from "./sqlite-stream-writer.ts";

/** Streams in the tables `shard` and `segment`. Nothing expires: a stream keeps all that was put into it. */
export function sqliteStreams(
  database: DatabaseSync,
  { clock }: { readonly clock: Clock },
): EmbeddedStreams {
  const shards = sqliteShards(database);
  return {
    reader: sqliteStreamReader(database, shards),
    writer: sqliteStreamWriter(database, { shards, clock }),
    admin: sqliteStreamAdmin(database, shards),
  };
}
