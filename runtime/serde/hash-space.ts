import { md5 } from "@noble/hashes/legacy.js";
import type { KeyValue } from "../graph/key-value.ts";
import { keyHash } from "./key-bytes.ts";

/** The 128-bit hash space in which shards own ranges. A position is 32 lower-case hex digits, so text order is its order. */
export type HashPosition = string;

/** Slices of the hash space, inclusive at both ends. */
export interface GroupRange {
  readonly first: number;
  readonly last: number;
}

export interface HashRange {
  readonly firstHash: HashPosition;
  readonly lastHash: HashPosition;
}

export const wholeHashSpace: HashRange = { firstHash: "0".repeat(32), lastHash: "f".repeat(32) };

const utf8 = new TextEncoder();

/** Where Kinesis puts a partition key: md5 of its UTF-8 bytes. */
export function positionOfPartitionKey(partitionKey: string): HashPosition {
  let hex = "";
  for (const byte of md5(utf8.encode(partitionKey))) hex += byte.toString(16).padStart(2, "0");
  return hex;
}

/** Key group of a position: its top bits. `groupCount` is a power of two up to 32,768. */
export function groupOfPosition(position: HashPosition, groupCount: number): number {
  return groupOfHash(Number.parseInt(position.slice(0, 8), 16), groupCount);
}

/** Key group of a key in an exchange stage: the top bits of the hash of its canonical bytes. @throws MillraceError `key-invalid` */
export function groupOfKey(key: KeyValue, groupCount: number): number {
  return groupOfHash(keyHash(key), groupCount);
}

function groupOfHash(hash: number, groupCount: number): number {
  return Math.floor(hash / (0x1_0000_0000 / groupCount));
}

/** First position of a group: the shard that holds it owns the group, and frames are put there. */
export function firstPositionOfGroup(group: number, groupCount: number): HashPosition {
  const top = group * (0x1_0000_0000 / groupCount);
  return top.toString(16).padStart(8, "0") + "0".repeat(24);
}

/** The groups whose first position lies in a range; undefined where there is none. */
export function groupsOfRange(range: HashRange, groupCount: number): GroupRange | undefined {
  const first = groupAtOrAfter(range.firstHash, groupCount);
  const last = groupOfPosition(range.lastHash, groupCount);
  return first <= last ? { first, last } : undefined;
}

function groupAtOrAfter(position: HashPosition, groupCount: number): number {
  const group = groupOfPosition(position, groupCount);
  return firstPositionOfGroup(group, groupCount) >= position ? group : group + 1;
}

export function rangeContains(range: HashRange, position: HashPosition): boolean {
  return range.firstHash <= position && position <= range.lastHash;
}

/** The ranges lie side by side and together are the whole hash space. */
export function tilesExactly(ranges: readonly HashRange[]): boolean {
  let next: string | undefined = "0".repeat(32);
  for (const { firstHash, lastHash } of byPosition(ranges)) {
    if (firstHash !== next) return false;
    next = after(lastHash);
  }
  return next === undefined;
}

/** The ranges together leave nothing out. */
export function covers(ranges: readonly HashRange[]): boolean {
  let next: string | undefined = "0".repeat(32);
  for (const { firstHash, lastHash } of byPosition(ranges)) {
    if (next === undefined) return true;
    if (firstHash > next) return false;
    if (lastHash >= next) next = after(lastHash);
  }
  return next === undefined;
}

/** What is left of a range without others, in no order. */
export function rangeWithout(range: HashRange, others: readonly HashRange[]): readonly HashRange[] {
  return others.reduce<readonly HashRange[]>(
    (left, other) => left.flatMap((piece) => withoutOne(piece, other)),
    [range],
  );
}

function withoutOne(piece: HashRange, { firstHash, lastHash }: HashRange): readonly HashRange[] {
  if (lastHash < piece.firstHash || piece.lastHash < firstHash) return [piece];
  const left: HashRange[] = [];
  if (piece.firstHash < firstHash)
    left.push({ firstHash: piece.firstHash, lastHash: before(firstHash) });
  const next = after(lastHash);
  if (next !== undefined && next <= piece.lastHash)
    left.push({ firstHash: next, lastHash: piece.lastHash });
  return left;
}

function byPosition(ranges: readonly HashRange[]): readonly HashRange[] {
  return ranges.toSorted((left, right) => (left.firstHash < right.firstHash ? -1 : 1));
}

/** The position behind another; undefined behind the last. */
function after(position: string): string | undefined {
  const next = BigInt(`0x${position}`) + 1n;
  return next >> 128n === 0n ? next.toString(16).padStart(32, "0") : undefined;
}

/** The position before another, which is not the first. */
function before(position: string): string {
  return (BigInt(`0x${position}`) - 1n).toString(16).padStart(32, "0");
}
