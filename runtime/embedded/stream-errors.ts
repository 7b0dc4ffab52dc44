import { storeError, type MillraceError } from "../errors/millrace-error.ts";

export const streamMissing = (stream: string): MillraceError =>
  storeError("store-missing", {
    message: `There is no stream "${stream}".`,
    next: "Create it first (createStream), and check its name.",
  });

export const shardMissing = (stream: string, shardId: string): MillraceError =>
  storeError("store-missing", {
    message: `There is no shard "${shardId}" in the stream "${stream}".`,
    next: "List the shards of the stream (listShards), and check the id.",
  });

export const streamEnded = (stream: string): MillraceError =>
  storeError("stream-ended", {
    message: `The stream "${stream}" was ended: all of its shards are closed for good.`,
    next: "Put into another stream, or put before endStream is called.",
  });

export const shardClosed = (stream: string, shardId: string): MillraceError =>
  storeError("shard-closed", {
    message: `The shard "${shardId}" of the stream "${stream}" is closed already.`,
    next: "Reshard one of its open shards.",
  });
