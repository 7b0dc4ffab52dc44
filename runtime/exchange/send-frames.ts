import { storeError } from "../errors/millrace-error.ts";
import type { Shard } from "../ports/index.ts";
import { retry, type RetryPolicy, tryOf } from "../retry/retry.ts";
import { cutFrames, type SentCommit } from "./cut-frames.ts";
import { type GroupBlock, isForGroup } from "./frame.ts";
import { type FrameStream, type LandedFrame, putFrames } from "./put-frames.ts";
import { listsAll, listShardsUntil } from "./list-shards.ts";
import { coversAll, type ShardMap, shardMapOf, shardOwnsGroup } from "./shard-map.ts";

export interface FrameSender {
  /**
   * Delivers the blocks of one commit: returns once every block has landed in the shard that owns its group, and broadcasts in all of them.
   * @throws a retryable MillraceError `exchange-undelivered` when it gives up; sending again is safe.
   */
  send(commit: SentCommit): Promise<void>;
}

/** Rounds in which no block finds its place, before the batch is given back: about five seconds. */
const rounds: RetryPolicy = { triesMax: 12, firstPauseMs: 20, pauseMaxMs: 2_000 };

/** Sends frames with a cached shard map, refreshed whenever a record lands elsewhere (protocol 4.2). */
export function frameSender(options: FrameStream): FrameSender {
  const { ports, stream, groupCount } = options;
  let cachedMap: ShardMap | undefined;

  async function send(commit: SentCommit): Promise<void> {
    let blocks: readonly GroupBlock[] = commit.blocks.filter(isForGroup);
    const broadcasts = commit.blocks.filter((block) => !isForGroup(block));
    let map: ShardMap | undefined;
    const reached = new Set<string>();
    const unreached = (): number =>
      broadcasts.length === 0
        ? 0
        : (map?.owners.filter(({ shard }) => !reached.has(shard.shardId)).length ?? 1);
    let isFirst = true;
    const isDelivered = await retry(ports, rounds, async () => {
      cachedMap ??= shardMapOf(await ports.reader.listShards(stream), groupCount);
      map ??= cachedMap;
      const frames = cutFrames({ commit, blocks, broadcasts, reached }, map, isFirst);
      if (frames === undefined || !coversAll(map, groupCount)) {
        // protocol 4.2: a map with a hole is from amid a reshard, and would have it for ever.
        cachedMap = map = undefined;
        return "failed";
      }
      const before = blocks.length + unreached();
      const { refused, moved } = await putFrames(frames, { ...options, reached });
      blocks = moved.length === 0 ? refused : [...refused, ...(await misplacedBlocks(moved))];
      isFirst = false;
      // protocol 4.9: what is broadcast has to reach all shards of one list.
      if (moved.length > 0) map = cachedMap;
      return tryOf(before, blocks.length + unreached());
    });
    if (!isDelivered) throw undelivered(commit, blocks.length + broadcasts.length);
  }

  /** protocol 4.2: what landed elsewhere, in a shard that does not own it, goes again by a fresh map. */
  async function misplacedBlocks(moved: readonly LandedFrame[]): Promise<readonly GroupBlock[]> {
    const landedIn = moved.map(({ shardId }) => shardId);
    const shards = await listShardsUntil(ports, stream, (listed) => listsAll(listed, landedIn));
    cachedMap = shardMapOf(shards, groupCount);
    const byId = new Map(shards.map((shard): [string, Shard] => [shard.shardId, shard]));
    return moved.flatMap(({ shardId, frame }) => {
      const landed = byId.get(shardId);
      const blocks = frame.blocks.filter(isForGroup);
      // Nobody can say yet what a shard owns that no list shows.
      if (landed === undefined) return blocks;
      return blocks.filter(({ group }) => !shardOwnsGroup(landed, group, groupCount));
    });
  }

  return { send };
}

function undelivered(commit: SentCommit, count: number): Error {
  return storeError("exchange-undelivered", {
    message: `Version ${commit.version} of slot ${commit.slot} has ${count} blocks that did not reach their shards.`,
    next: "The batch is tried again; if this lasts, look at the exchange stream's throttling.",
    retryable: true,
  });
}
