import { feedsOf, splitReaderOf } from "../job/feeds.ts";
import type { SlotProgress } from "../job/progress.ts";
import type { Shard } from "../ports/index.ts";
import type { CoordinatorOptions } from "./options.ts";
import { isStale } from "./regions.ts";

/** The shards of each of the job's streams, by its physical name. */
export type ShardLists = ReadonlyMap<string, readonly Shard[]>;

/** Lists the shards of a job's streams; a list serves for a while, unless progress rows show that it is older than them. */
export function shardLists({ job, settings }: CoordinatorOptions) {
  const feeds = feedsOf(job.plan, job.names).filter(({ dividesHashSpace }) => dividesHashSpace);
  let lists: ShardLists = new Map();
  let readMs = Number.NEGATIVE_INFINITY;
  return async (nowMs: number, progress: readonly SlotProgress[]): Promise<ShardLists> => {
    const isRecent = nowMs - readMs < settings.shardListMs;
    const fits = (stream: string, shards: readonly Shard[]): boolean =>
      !isStale(
        shards,
        progress.filter((row) => row.stream === stream),
      );
    if (isRecent && [...lists].every(([stream, shards]) => fits(stream, shards))) return lists;
    const listed = feeds.map(
      async (feed) => [feed.stream, await splitReaderOf(job, feed).list()] as const,
    );
    lists = new Map(await Promise.all(listed));
    readMs = nowMs;
    return lists;
  };
}
