import type { Block, Frame, GroupBlock } from "./frame.ts";
import { ownerOfGroup, type ShardMap, type ShardOwner } from "./shard-map.ts";

/** A commit's blocks with what every frame of it says. */
export interface SentCommit extends Omit<Frame, "speaksFor" | "blocks"> {
  readonly blocks: readonly Block[];
}

export interface PendingFrame {
  /** The shard that is to own all of it, and a group for whose position it is put. */
  readonly shardId: string;
  readonly group: number;
  readonly frame: Frame;
}

/** What of a commit is still to be sent: blocks for groups, and broadcasts with the shards of the map that have them already. */
export interface Unsent {
  readonly commit: SentCommit;
  readonly blocks: readonly GroupBlock[];
  readonly broadcasts: readonly Block[];
  readonly reached: ReadonlySet<string>;
}

/**
 * One frame per shard. The first time a frame speaks for all that the map gives its shard; a resend only for
 * the groups that it still carries (protocol 4.1). Undefined where the map leaves one of the groups without an owner.
 */
export function cutFrames(
  { commit, blocks, broadcasts, reached }: Unsent,
  map: ShardMap,
  first: boolean,
): readonly PendingFrame[] | undefined {
  const byOwner = new Map<ShardOwner, GroupBlock[]>();
  for (const block of blocks) {
    const owner = ownerOfGroup(map, block.group);
    if (owner === undefined) return undefined;
    const own = byOwner.get(owner);
    if (own === undefined) byOwner.set(owner, [block]);
    else own.push(block);
  }
  // protocol 4.9: a frame carries all broadcasts or none.
  const lacksThem = ({ shard }: ShardOwner) => broadcasts.length > 0 && !reached.has(shard.shardId);
  for (const owner of map.owners)
    if (lacksThem(owner) && !byOwner.has(owner)) byOwner.set(owner, []);
  return [...byOwner].map(([owner, own]) => {
    const speaksFor = first
      ? [[owner.groups.first, owner.groups.last] as const]
      : own.map(({ group }) => [group, group] as const);
    const carried = lacksThem(owner) ? [...broadcasts, ...own] : own;
    return {
      shardId: owner.shard.shardId,
      group: own[0]?.group ?? owner.groups.first,
      frame: { ...commit, speaksFor, blocks: carried },
    };
  });
}

/** Frames sealed and put at a time: by number as a put takes them, and by the bytes of their elements. */
const portionMax = 500;
const portionMaxBytes = 4_194_304;

/** Frames in portions, so that what is sealed at a time is bounded; a large frame is one alone. */
export function portionsOf(frames: readonly PendingFrame[]): readonly (readonly PendingFrame[])[] {
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
