import { storeError } from "../errors/millrace-error.ts";
import type { Shard } from "../ports/streams.ts";
import type { ShardDescription, StreamDescription } from "./stream-admin.ts";
import { shardClosed, shardMissing, streamEnded } from "./stream-errors.ts";

/** A shard and its part of the sequence numbers, which are contiguous integers. */
export interface ShardState extends Shard {
  /** Of its first record, put or to be put. */
  readonly firstSequence: number;
  /** Of the next record to be put. */
  readonly nextSequence: number;
}

/** What a change of a stream's shards closes and opens. */
export interface Resharding {
  readonly closes: readonly string[];
  readonly opens: readonly ShardState[];
}

const hashSpace = 1n << 128n;
const maxShards = 10_000;

/** The shards of a new stream: `count` even parts of the hash space. */
export function newShards(stream: string, count: number): ShardState[] {
  if (!Number.isInteger(count) || count < 1 || count > maxShards) {
    throw storeError("shard-count-invalid", {
      message: `The stream "${stream}" was to have ${count} shards; it takes a whole number from 1 to ${maxShards}.`,
    });
  }
  const parts = BigInt(count);
  return Array.from({ length: count }, (_, index) =>
    openShard(index, {
      first: (hashSpace * BigInt(index)) / parts,
      last: (hashSpace * BigInt(index + 1)) / parts - 1n,
      parents: [],
      firstSequence: 1,
    }),
  );
}

export function splitShard(
  stream: string,
  shards: readonly ShardState[],
  shardId: string,
): Resharding {
  const parent = openShardOf(stream, shards, shardId);
  const [first, last] = rangeOf(parent);
  if (first === last) {
    throw storeError("shard-not-splittable", {
      message: `The shard "${shardId}" of the stream "${stream}" holds a single position; it can't be split.`,
    });
  }
  const middle = (first + last + 1n) / 2n;
  const child = { parents: [shardId], firstSequence: parent.nextSequence };
  return {
    closes: [shardId],
    opens: [
      openShard(shards.length, { ...child, first, last: middle - 1n }),
      openShard(shards.length + 1, { ...child, first: middle, last }),
    ],
  };
}

export function mergeShards(
  stream: string,
  shards: readonly ShardState[],
  [shardA, shardB]: readonly [string, string],
): Resharding {
  const parents = [shardA, shardB].map((shardId) => openShardOf(stream, shards, shardId));
  const [low, high] = parents.toSorted((a, b) => (a.firstHash < b.firstHash ? -1 : 1));
  const [first, end] = rangeOf(low!);
  const [start, last] = rangeOf(high!);
  if (end + 1n !== start) {
    throw storeError("shards-not-adjacent", {
      message: `The shards "${shardA}" and "${shardB}" of the stream "${stream}" are not adjacent; only neighbours can be merged.`,
    });
  }
  const firstSequence = Math.max(...parents.map(({ nextSequence }) => nextSequence));
  const child = { first, last, parents: [shardA, shardB], firstSequence };
  return { closes: [shardA, shardB], opens: [openShard(shards.length, child)] };
}

export function endShards(shards: readonly ShardState[]): Resharding {
  return { closes: shards.filter(isOpen).map(({ shardId }) => shardId), opens: [] };
}

export function describeShards(stream: string, shards: readonly ShardState[]): StreamDescription {
  return { stream, ended: !shards.some(isOpen), shards: shards.map(describeShard) };
}

/** The shard as its readers see it. */
export function shardOf({ shardId, firstHash, lastHash, parents, closed }: ShardState): Shard {
  return { shardId, firstHash, lastHash, parents, closed };
}

export const isOpen = ({ closed }: Shard): boolean => !closed;

function describeShard(shard: ShardState): ShardDescription {
  return { ...shardOf(shard), records: shard.nextSequence - shard.firstSequence };
}

function openShardOf(stream: string, shards: readonly ShardState[], shardId: string): ShardState {
  const shard = shards.find((candidate) => candidate.shardId === shardId);
  if (shard === undefined) throw shardMissing(stream, shardId);
  if (!shards.some(isOpen)) throw streamEnded(stream);
  if (shard.closed) throw shardClosed(stream, shardId);
  return shard;
}

interface NewShard {
  readonly first: bigint;
  readonly last: bigint;
  readonly parents: readonly string[];
  readonly firstSequence: number;
}

function openShard(index: number, { first, last, parents, firstSequence }: NewShard): ShardState {
  return {
    shardId: `shardId-${String(index).padStart(12, "0")}`,
    firstHash: hexOf(first),
    lastHash: hexOf(last),
    parents,
    closed: false,
    firstSequence,
    nextSequence: firstSequence,
  };
}

const hexOf = (position: bigint): string => position.toString(16).padStart(32, "0");
const rangeOf = ({ firstHash, lastHash }: Shard): readonly [bigint, bigint] => [
  BigInt(`0x${firstHash}`),
  BigInt(`0x${lastHash}`),
];
