import type { ManifestSlot } from "../checkpoint/manifest.ts";
import { listsAll, listShardsUntil } from "../exchange/list-shards.ts";
import { type Feed, feedsOf, splitReaderOf } from "../job/feeds.ts";
import { incompleteList, oldestShards } from "../job/generation.ts";
import type { JobRuntime } from "../job/job-runtime.ts";
import { slotOfShard, type SlotRef } from "../job/slot-ref.ts";
import type { Shard } from "../ports/index.ts";
import { covers, type HashRange, tilesExactly } from "../serde/hash-space.ts";
import type { Home } from "./map-state.ts";
import { checkSourceShards } from "./source-positions.ts";

/** A slot of the new generation, and what it takes over from. */
export interface Place {
  readonly slot: SlotRef;
  readonly range: HashRange;
  /** It goes on with a split of the epoch; the exchange starts anew, and so does a source of which nothing was saved. */
  readonly resumes: boolean;
}

/** What was saved of a slot, and where it goes on. */
interface Saved {
  readonly slot: ManifestSlot;
  readonly home: Home | undefined;
}

/** The slots that a restore starts from: open shards of the exchange, and splits in which the epoch stands (protocol 6.6). */
export async function placesOf(
  job: JobRuntime,
  saved: readonly Saved[],
): Promise<readonly Place[]> {
  const places: Place[] = [];
  for (const feed of feedsOf(job.plan, job.names)) {
    const { source } = feed;
    const resumed = saved.filter(({ home }) => home === source).map(({ slot }) => slot);
    const resumes = source !== undefined && resumed.length > 0;
    const splits =
      source === undefined ? await openShards(job, feed) : await startingSplits(job, feed, resumed);
    for (const { shardId, firstHash, lastHash } of splits) {
      const slot = slotOfShard(job, feed.stream, shardId);
      places.push({ slot, range: { firstHash, lastHash }, resumes });
    }
  }
  return places;
}

type StartingSplit = Pick<Shard, "shardId" | "firstHash" | "lastHash">;

async function openShards({ ports }: JobRuntime, { stream }: Feed): Promise<readonly Shard[]> {
  const open = (await listShardsUntil(ports, stream, isTiled)).filter(isOpen);
  if (!tilesExactly(open)) throw incompleteList(stream);
  return open;
}

const isOpen = ({ closed }: Shard): boolean => !closed;
const isTiled = (shards: readonly Shard[]): boolean => tilesExactly(shards.filter(isOpen));

/** The splits that a source goes on with, or those that it begins with where nothing was saved of it. */
async function startingSplits(
  job: JobRuntime,
  feed: Feed,
  resumed: readonly ManifestSlot[],
): Promise<readonly StartingSplit[]> {
  const resumes = resumed.length > 0;
  if (!feed.dividesHashSpace)
    return resumes
      ? resumed.map(({ shardId, range }) => ({ shardId, ...range }))
      : await splitReaderOf(job, feed).list();
  const resumedIds = resumed.map(({ shardId }) => shardId);
  const shards = await listShardsUntil(
    job.ports,
    feed.stream,
    (listed) => covers(listed) && listsAll(listed, resumedIds),
  );
  if (!covers(shards)) throw incompleteList(feed.stream);
  return resumes ? checkSourceShards(shards, resumed) : oldestShards(shards);
}
