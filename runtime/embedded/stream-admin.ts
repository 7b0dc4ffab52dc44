import type { Shard } from "../ports/streams.ts";

/** What an operator does to an embedded stream. Every promise resolves when the change is visible to all. */
export interface StreamAdmin {
  /** Makes a stream whose shards divide the hash space evenly; changes nothing where it exists. */
  createStream(stream: string, options: { readonly shards: number }): Promise<void>;

  /** Closes an open shard and opens two children, each with half of its range. */
  split(stream: string, shardId: string): Promise<void>;

  /** Closes two open shards with adjacent ranges and opens one child with both. */
  merge(stream: string, shardA: string, shardB: string): Promise<void>;

  /** Closes every open shard without children: the stream is over, and later puts are refused. */
  endStream(stream: string): Promise<void>;

  describe(stream: string): Promise<StreamDescription>;
}

export interface StreamDescription {
  readonly stream: string;
  /** No record can be put into it, now or ever. */
  readonly ended: boolean;
  /** In ascending order of id. */
  readonly shards: readonly ShardDescription[];
}

export interface ShardDescription extends Shard {
  /** Records that were ever put into it. */
  readonly records: number;
}
