import type { Dice, FeedRecord, Outcome } from "../shape.ts";
import type { Item } from "./item.ts";
import { boundMs } from "./source.ts";

export interface FeedOptions {
  readonly stream: string;
  /** Records, malformed ones included. Default: 220 to 280. */
  readonly count?: number;
  /** Default: 5 to 30. */
  readonly keys?: readonly string[];
  /** Partition keys: one producer puts under each. Default: 6 to 12. */
  readonly producers?: readonly string[];
  /** Places at which user code may throw. */
  readonly traps: readonly string[];
  /** The partition key is the key, and "misaligned" traps lie under another. */
  readonly aligned?: boolean;
  readonly mayBeIdle?: boolean;
  /** The share of items that lie further behind than the watermark's bound. Default: 6 in 100. */
  readonly lateShare?: number;
  /** Times are multiples of it: the larger, the more items have the same. Default: 1. */
  readonly grainMs?: number;
}

/** An item at its place in the feed. */
export interface Planned {
  readonly item: Item;
  readonly record: FeedRecord;
}

export interface PlannedFeed {
  readonly stream: string;
  /** The source may be taken for idle at any time. */
  readonly mayBeIdle: boolean;
  readonly records: readonly FeedRecord[];
  readonly items: readonly Planned[];
  /** What can't be decoded. */
  readonly refused: readonly Refused[];
}

export interface Refused {
  /** As its dead letter has it. */
  readonly payload: string;
  readonly record: FeedRecord;
}

/** What of a feed counts: all of it, or, where the job was drained, what it had taken until then. */
export function takenOf(feed: PlannedFeed, { isTaken }: Outcome): PlannedFeed {
  if (isTaken === undefined) return feed;
  const taken = ({ record }: { readonly record: FeedRecord }): boolean => isTaken(record.data);
  return { ...feed, items: feed.items.filter(taken), refused: feed.refused.filter(taken) };
}

const refusedShare = 0.025;
const trapShare = 0.025;
const paddedShare = 0.008;
const padMax = 30_000;
const startMs = 100_000;
/** Event time from record to record: about ten seconds in all. */
const stepMs = 40;
/** Some items are at most this much behind the newest one; the others are so by no more than the watermark's bound. */
const lateMs = 9_000;

/** Records in the order in which several producers put them, each with a clock that is behind by an offset of its own. */
export function planFeed(dice: Dice, options: FeedOptions): PlannedFeed {
  const {
    stream,
    traps,
    aligned = false,
    mayBeIdle = false,
    lateShare = 0.06,
    grainMs = 1,
  } = options;
  const count = options.count ?? dice.between(220, 280);
  const keys = options.keys ?? names("k", dice.between(5, 30));
  const producers = options.producers ?? names(`${stream}-p`, dice.between(6, 12));
  const sequences = new Map<string, number>();
  const offsets = new Map(
    (aligned ? keys : producers).map((name) => [name, dice.between(0, boundMs >> 1)]),
  );
  const records: FeedRecord[] = [];
  const items: Planned[] = [];
  const refused: Refused[] = [];
  let clockMs = startMs;
  for (let index = 0; index < count; index++) {
    const key = uneven(dice, keys);
    const from = aligned ? key : dice.pick(producers);
    clockMs += dice.between(0, stepMs * 2);
    if (dice.chance(refusedShare)) {
      const { data, payload } = malformed(dice, `${stream}-x${index}`, index);
      const record = { stream, partitionKey: from, data };
      records.push(record);
      refused.push({ payload, record });
      continue;
    }
    const seq = (sequences.get(from) ?? 0) + 1;
    sequences.set(from, seq);
    const behindMs = dice.chance(lateShare)
      ? dice.between(boundMs, lateMs)
      : offsets.get(from)! + dice.between(0, boundMs >> 1);
    const item: Item = {
      id: `${stream}-${index}`,
      key,
      atMs: Math.floor((clockMs - behindMs) / grainMs) * grainMs,
      from,
      seq,
      value: dice.between(1, 9),
      ...(traps.length > 0 && dice.chance(trapShare) && { trap: dice.pick(traps) }),
      ...(dice.chance(paddedShare) && { pad: "p".repeat(dice.between(1_000, padMax)) }),
    };
    const partitionKey = item.trap === "misaligned" ? `not-${from}` : from;
    const record = { stream, partitionKey, data: utf8.encode(JSON.stringify(item)) };
    records.push(record);
    items.push({ item, record });
  }
  return { stream, mayBeIdle, records, items, refused };
}

/** Two feeds as one: the order within each stays, and both end at about the same time. */
export function interleave(
  dice: Dice,
  left: readonly FeedRecord[],
  right: readonly FeedRecord[],
): FeedRecord[] {
  const woven: FeedRecord[] = [];
  const [from, other] = [left.values(), right.values()];
  let leftCount = left.length;
  let rightCount = right.length;
  while (leftCount + rightCount > 0) {
    const takesLeft = dice.between(1, leftCount + rightCount) <= leftCount;
    woven.push((takesLeft ? from : other).next().value!);
    if (takesLeft) leftCount -= 1;
    else rightCount -= 1;
  }
  return woven;
}

export function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

/** The first of the list far more often than the last. */
export function uneven<T>(dice: Dice, items: readonly T[]): T {
  return items[dice.between(0, dice.between(0, items.length - 1))]!;
}

const utf8 = new TextEncoder();

interface Malformed {
  readonly data: Uint8Array;
  readonly payload: string;
}

/** A record that no decoder takes; its payload tells it from all others. */
function malformed(dice: Dice, id: string, index: number): Malformed {
  const pad = "q".repeat(dice.chance(0.2) ? dice.between(1_000, padMax) : 0);
  switch (dice.between(0, 3)) {
    case 0:
      return asText(`{"id":"${id}","pad":"${pad}`);
    case 1:
      return asText(JSON.stringify({ id, key: 7, pad }));
    case 2:
      return asText(
        `{"id":"${id}","key":"k0","from":"","seq":0,${unfit[index % unfit.length]},"pad":"${pad}"}`,
      );
    default: {
      const data = Buffer.from(`?${id}`);
      data[0] = 0xff;
      return { data: new Uint8Array(data), payload: data.toString("base64") };
    }
  }
}

/** What would make an item of JSON that no source may take: no finite time, an integer beyond 2^53, 501 levels. */
const unfit = [
  '"atMs":1e999',
  '"atMs":100000,"value":9007199254740993',
  `"atMs":100000,"value":1,"deep":${"[".repeat(500)}${"]".repeat(500)}`,
];

function asText(payload: string): Malformed {
  return { data: utf8.encode(payload), payload };
}
