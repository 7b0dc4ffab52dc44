import { storeError } from "../errors/millrace-error.ts";
import { objectNames } from "../layout/names.ts";
import type { Ports, PutEntry, Shard } from "../ports/index.ts";
import { retry, type RetryPolicy, tryOf } from "../retry/retry.ts";
import { sealEnvelope } from "../serde/envelope.ts";
import { firstPositionOfGroup } from "../serde/hash-space.ts";
import type { Block, Frame } from "./frame.ts";
import { listsAll, listShardsUntil } from "./list-shards.ts";
import { ownerOfGroup, type ShardMap, shardMapOf, shardOwnsGroup } from "./shard-map.ts";

export interface FrameSender {
  /**
   * Delivers the blocks of one commit: returns once every block has landed in the shard that owns its group.
   * @throws a retryable MillraceError `exchange-undelivered` when it gives up; sending again is safe.
   */
  send(commit: SentCommit): Promise<void>;
}

/** A commit's blocks with what every frame of it says. */
export interface SentCommit extends Omit<Frame, "speaksFor" | "blocks"> {
  readonly blocks: readonly Block[];
}

export interface FrameSenderOptions {
  readonly ports: Ports;
  readonly stream: string;
  readonly groupCount: number;
  /** A record holds at most this many bytes of frame; a larger one goes to an object. */
  readonly inlineMaxBytes: number;
}

/** Rounds in which no block finds its place, before the batch is given back: about five seconds. */
const rounds: RetryPolicy = { triesMax: 12, firstPauseMs: 20, pauseMaxMs: 2_000 };

/** Frames sealed and put at a time: by number as a put takes them, and by the bytes of their elements. */
const portionMax = 500;
const portionMaxBytes = 4_194_304;
/** Objects of large frames that are put side by side. */
const objectsAtOnce = 8;

interface PendingFrame {
  /** The shard that is to own all of it. */
  readonly shardId: string;
  readonly frame: Frame;
}

interface LandedFrame {
  /** The shard that it was put into. */
  readonly shardId: string;
  readonly frame: Frame;
}

/** Sends frames with a cached shard map, refreshed whenever a record lands elsewhere (protocol 4.2). */
export function frameSender(options: FrameSenderOptions): FrameSender {
  const { ports, stream, groupCount, inlineMaxBytes } = options;
  let cachedMap: ShardMap | undefined;

  async function send(commit: SentCommit): Promise<void> {
    let blocks = commit.blocks;
    let isFirst = true;
    const isDelivered = await retry(ports, rounds, async () => {
      cachedMap ??= shardMapOf(await ports.reader.listShards(stream), groupCount);
      const frames = framesOf({ ...commit, blocks }, cachedMap, isFirst);
      if (frames === undefined) {
        // protocol 4.2: a map with a hole is from amid a reshard, and would have it for ever.
        cachedMap = undefined;
        return "failed";
      }
      const before = blocks.length;
      blocks = await deliver(frames);
      isFirst = false;
      return tryOf(before, blocks.length);
    });
    if (!isDelivered) throw undelivered(commit, blocks);
  }

  /** Puts the frames and answers the blocks that are not where they belong. */
  async function deliver(frames: readonly PendingFrame[]): Promise<readonly Block[]> {
    const remaining: Block[] = [];
    const moved: LandedFrame[] = [];
    for (const some of portionsOf(frames)) {
      const entries: PutEntry[] = [];
      for (let at = 0; at < some.length; at += objectsAtOnce)
        entries.push(
          ...(await Promise.all(
            some.slice(at, at + objectsAtOnce).map(async ({ frame }) => toEntry(frame)),
          )),
        );
      const results = await ports.writer.put(stream, entries);
      for (const [index, { shardId, frame }] of some.entries()) {
        const result = results[index];
        if (result?.put !== true) remaining.push(...frame.blocks);
        else if (result.shardId !== shardId) moved.push({ shardId: result.shardId, frame });
      }
    }
    if (moved.length > 0) remaining.push(...(await misplacedBlocks(moved)));
    return remaining;
  }

  /** protocol 4.2: what landed elsewhere, in a shard that does not own it, goes again by a fresh map. */
  async function misplacedBlocks(moved: readonly LandedFrame[]): Promise<readonly Block[]> {
    const landedIn = moved.map(({ shardId }) => shardId);
    const shards = await listShardsUntil(ports, stream, (listed) => listsAll(listed, landedIn));
    cachedMap = shardMapOf(shards, groupCount);
    const byId = new Map(shards.map((shard): [string, Shard] => [shard.shardId, shard]));
    return moved.flatMap(({ shardId, frame }) => {
      const landed = byId.get(shardId);
      // Nobody can say yet what a shard owns that no list shows.
      if (landed === undefined) return frame.blocks;
      return frame.blocks.filter(({ group }) => !shardOwnsGroup(landed, group, groupCount));
    });
  }

  async function toEntry(frame: Frame): Promise<PutEntry> {
    const group = frame.blocks[0]?.group ?? 0;
    const explicitHash = firstPositionOfGroup(group, groupCount);
    const partitionKey = frame.slot.slice(0, 256);
    const data = sealEnvelope("frame", frame, ports.compression);
    if (data.length <= inlineMaxBytes) return { partitionKey, explicitHash, data };
    const objectKey = objectNames.frame({ ...frame, id: ports.random.id() });
    await ports.objects.put(objectKey, data);
    const pointer = { job: frame.job, generation: frame.generation, objectKey };
    return {
      partitionKey,
      explicitHash,
      data: sealEnvelope("framePointer", pointer, ports.compression),
    };
  }

  return { send };
}

/**
 * One frame per owning shard. The first time a frame speaks for all that the map gives its shard; a resend only for
 * the groups that it still carries (protocol 4.1). Undefined where the map leaves one of the groups without an owner.
 */
function framesOf(
  commit: SentCommit,
  map: ShardMap,
  first: boolean,
): readonly PendingFrame[] | undefined {
  const byShard = new Map<string, Block[]>();
  for (const block of commit.blocks) {
    const owner = ownerOfGroup(map, block.group);
    if (owner === undefined) return undefined;
    const blocks = byShard.get(owner.shard.shardId);
    if (blocks === undefined) byShard.set(owner.shard.shardId, [block]);
    else blocks.push(block);
  }
  return [...byShard].map(([shardId, blocks]) => {
    const owner = map.owners.find(({ shard }) => shard.shardId === shardId);
    const speaksFor =
      first && owner !== undefined
        ? [[owner.groups.first, owner.groups.last] as const]
        : blocks.map(({ group }) => [group, group] as const);
    return { shardId, frame: { ...commit, speaksFor, blocks } };
  });
}

/** Frames in portions, so that what is sealed at a time is bounded; a large frame is one alone. */
function portionsOf(frames: readonly PendingFrame[]): readonly (readonly PendingFrame[])[] {
  const portions: PendingFrame[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const pending of frames) {
    const size = pending.frame.blocks.reduce((sum, { elements }) => sum + elements.length, 0);
    if (bytes + size > portionMaxBytes || portions.at(-1)?.length === portionMax) {
      portions.push([]);
      bytes = 0;
    }
    portions.at(-1)?.push(pending);
    bytes += size;
  }
  return portions;
}

function undelivered(commit: SentCommit, blocks: readonly Block[]): Error {
  return storeError("exchange-undelivered", {
    message: `Version ${commit.version} of slot ${commit.slot} has ${blocks.length} blocks that did not reach their shards.`,
    next: "The batch is tried again; if this lasts, look at the exchange stream's throttling.",
    retryable: true,
  });
}
