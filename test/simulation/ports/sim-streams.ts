import { hash } from "node:crypto";
import {
  streamEnded,
  streamMissing,
  shardMissing,
} from "../../../runtime/embedded/stream-errors.ts";
import type {
  PutEntry,
  PutResult,
  ReadRequest,
  ReadResult,
  Shard,
  StreamPosition,
  StreamRecord,
} from "../../../runtime/ports/index.ts";
import type { StoreObserver } from "./observer.ts";

export interface SimShard extends Shard {
  closed: boolean;
  readonly records: StreamRecord[];
  /** Sequence numbers of the records. */
  readonly sequences: number[];
}

interface SimStream {
  readonly shards: SimShard[];
  /** In the order of their first positions. */
  open: readonly SimShard[];
  /** What a list of shards answered, from when on: newest last. */
  readonly lists: DatedList[];
  nextSequence: number;
}

interface DatedList {
  readonly fromMs: number;
  readonly shards: readonly Shard[];
}

const hashSpace = 1n << 128n;

/** Streams, whose every call happens at once. Sequence numbers rise over all shards of a stream, and leave gaps. */
export class SimStreams {
  readonly #streams = new Map<string, SimStream>();
  readonly #observer: StoreObserver;
  readonly #nowMs: () => number;

  constructor(observer: StoreObserver, nowMs: () => number) {
    this.#observer = observer;
    this.#nowMs = nowMs;
  }

  create(stream: string, shards: number): void {
    if (this.#streams.has(stream)) return;
    const made: SimStream = { shards: [], open: [], lists: [], nextSequence: 7 };
    this.#streams.set(stream, made);
    const parts = BigInt(shards);
    for (let index = 0n; index < parts; index++) {
      const first = (hashSpace * index) / parts;
      const last = (hashSpace * (index + 1n)) / parts - 1n;
      made.shards.push(newShard(made.shards.length, [first, last], []));
    }
    resort(made, this.#nowMs());
  }

  shards(stream: string): readonly SimShard[] {
    return this.#streamOf(stream).shards;
  }

  openShards(stream: string): readonly SimShard[] {
    return this.#streamOf(stream).open;
  }

  shard(stream: string, shardId: string): SimShard {
    const shard = this.#streamOf(stream).shards[indexOfShard(shardId)];
    if (shard === undefined) throw shardMissing(stream, shardId);
    return shard;
  }

  /** The shards as they were so long ago. */
  listShards(stream: string, agoMs = 0): readonly Shard[] {
    const { lists } = this.#streamOf(stream);
    const atMs = this.#nowMs() - agoMs;
    return (lists.findLast(({ fromMs }) => fromMs <= atMs) ?? lists[0]!).shards;
  }

  read({ stream, shardId, from }: ReadRequest, maxRecords: number): ReadResult {
    const { records, sequences, closed } = this.shard(stream, shardId);
    const start = indexOfPosition(from, records, sequences);
    const read = records.slice(start, start + maxRecords);
    const last = read.at(-1);
    const atTip = start + read.length >= records.length;
    const next: StreamPosition =
      last === undefined ? from : { kind: "after", sequence: last.sequence };
    return { records: read, atTip, ended: atTip && closed, next };
  }

  put(stream: string, entry: PutEntry): PutResult {
    const found = this.#streamOf(stream);
    if (found.open.length === 0) throw streamEnded(stream);
    const shard = shardAt(found.open, entry.explicitHash ?? positionOfKey(entry.partitionKey));
    const number = found.nextSequence;
    found.nextSequence += 1 + (number % 3);
    const sequence = String(number);
    shard.sequences.push(number);
    const { partitionKey, data } = entry;
    shard.records.push({ sequence, partitionKey, data, arrivalMs: Math.floor(this.#nowMs()) });
    this.#observer.landed(stream, shard, entry);
    return { put: true, shardId: shard.shardId, sequence };
  }

  /** Splits an open shard at a fraction of its range. */
  split(stream: string, shardId: string, fraction: number): void {
    const found = this.#streamOf(stream);
    const parent = this.shard(stream, shardId);
    const [first, last] = rangeOf(parent);
    const width = last - first;
    if (parent.closed || width < 1_000n) return;
    const cut = first + 1n + ((width - 1n) * BigInt(Math.floor(fraction * 1_024))) / 1_024n;
    parent.closed = true;
    const opened = [
      newShard(found.shards.length, [first, cut - 1n], [shardId]),
      newShard(found.shards.length + 1, [cut, last], [shardId]),
    ];
    this.#open(stream, found, opened);
  }

  /** Merges an open shard with the one behind it; the child names the two in this order, or in the other one. */
  merge(stream: string, index: number, isSwapped = false): void {
    const found = this.#streamOf(stream);
    const [low, high] = [found.open[index], found.open[index + 1]];
    if (low === undefined || high === undefined) return;
    const range = [rangeOf(low)[0], rangeOf(high)[1]] as const;
    low.closed = true;
    high.closed = true;
    const parents = isSwapped ? [high.shardId, low.shardId] : [low.shardId, high.shardId];
    const opened = [newShard(found.shards.length, range, parents)];
    this.#open(stream, found, opened);
  }

  /** Closes a stream for good. */
  end(stream: string): void {
    const found = this.#streamOf(stream);
    for (const shard of found.open) shard.closed = true;
    this.#open(stream, found, []);
  }

  #open(name: string, stream: SimStream, opened: readonly SimShard[]): void {
    stream.shards.push(...opened);
    resort(stream, this.#nowMs());
    this.#observer.resharded(name, opened);
  }

  #streamOf(stream: string): SimStream {
    const found = this.#streams.get(stream);
    if (found === undefined) throw streamMissing(stream);
    return found;
  }
}

function resort(stream: SimStream, nowMs: number): void {
  const shards = stream.shards.map(({ shardId, firstHash, lastHash, parents, closed }) => ({
    shardId,
    firstHash,
    lastHash,
    parents,
    closed,
  }));
  stream.lists.push({ fromMs: nowMs, shards });
  stream.open = stream.shards
    .filter(({ closed }) => !closed)
    .sort((left, right) => (left.firstHash < right.firstHash ? -1 : 1));
}

function newShard(
  index: number,
  [first, last]: readonly [bigint, bigint],
  parents: readonly string[],
): SimShard {
  return {
    shardId: `shard-${String(index).padStart(2, "0")}`,
    firstHash: hexOf(first),
    lastHash: hexOf(last),
    parents,
    closed: false,
    records: [],
    sequences: [],
  };
}

const indexOfShard = (shardId: string): number => Number(shardId.slice("shard-".length));
const hexOf = (position: bigint): string => position.toString(16).padStart(32, "0");
const rangeOf = ({ firstHash, lastHash }: Shard): readonly [bigint, bigint] => [
  BigInt(`0x${firstHash}`),
  BigInt(`0x${lastHash}`),
];

function shardAt(open: readonly SimShard[], position: string): SimShard {
  let at = open.length - 1;
  while (at > 0 && open[at]!.firstHash > position) at -= 1;
  return open[at]!;
}

function indexOfPosition(
  from: StreamPosition,
  records: readonly StreamRecord[],
  sequences: readonly number[],
): number {
  switch (from.kind) {
    case "earliest":
      return 0;
    case "time": {
      const index = records.findIndex(({ arrivalMs }) => arrivalMs >= from.timeMs);
      return index === -1 ? records.length : index;
    }
    case "at":
      return countBelow(sequences, Number(from.sequence));
    case "after":
      return countBelow(sequences, Number(from.sequence) + 1);
  }
}

/** How many of ascending numbers are below a bound. */
function countBelow(ascending: readonly number[], bound: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Positions of partition keys, for all worlds of the process. */
const positions = new Map<string, string>();

function positionOfKey(partitionKey: string): string {
  let position = positions.get(partitionKey);
  if (position === undefined) {
    if (positions.size > 100_000) positions.clear();
    positions.set(partitionKey, (position = hash("md5", partitionKey, "hex")));
  }
  return position;
}
