import type { StreamRecord } from "../../runtime/ports/index.ts";
import { envelopeKind } from "../../runtime/serde/envelope.ts";
import type { Faults } from "./faults.ts";
import { withBitFlipped } from "./flipped-bit.ts";
import type { Pace } from "./pace.ts";
import type { EnvironmentPool, InvocationEnd } from "./pool.ts";
import type { SimShard, SimStreams } from "./ports/sim-streams.ts";
import type { WorldDice } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";

export interface MappingOptions {
  readonly stream: string;
  /** It holds frames and ticks. */
  readonly isExchange: boolean;
  readonly streams: SimStreams;
  readonly scheduler: Scheduler;
  readonly dice: WorldDice;
  readonly faults: Faults;
  readonly pool: EnvironmentPool;
  readonly pace: Pace;
  readonly trace: ((line: string) => void) | undefined;
}

interface ShardFeed {
  readonly shard: SimShard;
  /** Index of the next record to hand over. */
  next: number;
  isStarted: boolean;
  isBusy: boolean;
  isDrained: boolean;
  /** Failures in a row. */
  failures: number;
}

const backoffFirstMs = 50;
const backoffMaxMs = 2_000;

/**
 * The event source mapping of one stream, as Lambda has it with a parallelization factor of one: each shard's records in
 * order, one batch at a time, each until it succeeds; children after their parents.
 */
export class Mapping {
  readonly #options: MappingOptions;
  readonly #feeds = new Map<string, ShardFeed>();

  constructor(options: MappingOptions) {
    this.#options = options;
    for (const shard of options.streams.shards(options.stream)) this.#add(shard);
  }

  /** There is no mapping before. */
  #startsMs = Number.POSITIVE_INFINITY;

  /** Begins with the shards that there are; a mapping that is made late begins before `untilMs` at the latest. */
  start(untilMs: number): void {
    const { faults, scheduler, dice } = this.#options;
    const spareMs = untilMs - scheduler.nowMs;
    if (spareMs <= 0 || faults.at("mapping") !== "mapping-late") {
      this.#startsMs = scheduler.nowMs;
      for (const feed of this.#feeds.values()) this.#begin(feed);
      return;
    }
    this.#startsMs = scheduler.nowMs + spareMs * dice.fraction();
    scheduler.at(this.#startsMs, () => {
      for (const feed of this.#feeds.values()) {
        if (feed.isStarted) continue;
        if (feed.shard.records.length > 0) faults.note("mapping-late");
        feed.next = feed.shard.records.length;
      }
      for (const feed of this.#feeds.values()) this.#begin(feed);
    });
  }

  landed(shard: SimShard): void {
    const feed = this.#feeds.get(shard.shardId);
    if (feed !== undefined) this.#pump(feed);
  }

  resharded(opened: readonly SimShard[]): void {
    const { faults, scheduler } = this.#options;
    for (const shard of opened) {
      const feed = this.#add(shard);
      if (faults.at("child") === "child-before-parent") {
        faults.note("child-before-parent");
        scheduler.soon(2_000, () => {
          this.#tellEarly(feed);
          this.#begin(feed);
        });
      }
    }
    for (const feed of this.#feeds.values()) this.#pump(feed);
  }

  describe(): readonly string[] {
    return [...this.#feeds.values()]
      .filter(({ isDrained }) => !isDrained)
      .map(
        ({ shard, next, isStarted, isBusy, failures }) =>
          `mapping of ${this.#options.stream}/${shard.shardId}: ${next} of ${shard.records.length} records` +
          `${shard.closed ? ", closed" : ""}${isStarted ? "" : ", not started"}${isBusy ? ", busy" : ""}, ${failures} failures in a row`,
      );
  }

  #add(shard: SimShard): ShardFeed {
    const feed: ShardFeed = {
      shard,
      next: 0,
      isStarted: false,
      isBusy: false,
      isDrained: false,
      failures: 0,
    };
    this.#feeds.set(shard.shardId, feed);
    return feed;
  }

  #begin(feed: ShardFeed): void {
    if (feed.isStarted || this.#options.scheduler.nowMs < this.#startsMs) return;
    feed.isStarted = true;
    this.#pump(feed);
  }

  #tellEarly({ shard }: ShardFeed): void {
    const { trace, stream } = this.#options;
    if (trace === undefined) return;
    const parents = shard.parents.flatMap((id) => this.#feeds.get(id) ?? []);
    const left = parents.reduce((sum, feed) => sum + feed.shard.records.length - feed.next, 0);
    trace(`${stream}/${shard.shardId} is begun with while its parents have ${left} records left`);
  }

  #pump(feed: ShardFeed): void {
    if (!feed.isStarted || feed.isBusy || feed.isDrained) return;
    const { shard } = feed;
    if (feed.next < shard.records.length) {
      feed.isBusy = true;
      this.#options.scheduler.soon(this.#options.pace.windowMs, () => this.#handOver(feed));
    } else if (shard.closed) {
      feed.isDrained = true;
      this.#startChildren(shard.shardId);
    }
  }

  #startChildren(parentId: string): void {
    for (const child of this.#feeds.values()) {
      const { parents } = child.shard;
      if (!parents.includes(parentId)) continue;
      if (parents.every((id) => this.#feeds.get(id)?.isDrained === true)) this.#begin(child);
    }
  }

  #handOver(feed: ShardFeed): void {
    const { pool, stream, faults, scheduler } = this.#options;
    const { shard, next } = feed;
    const { shardId } = shard;
    const records = shard.records.slice(next, next + this.#batchSize());
    if (faults.at("batch") === "overlap") {
      faults.note("overlap");
      scheduler.soon(300, () => {
        const others = shard.records.slice(next, next + this.#batchSize());
        pool.invoke({ batch: { stream, shardId, records: others }, done: () => undefined });
      });
    }
    pool.invoke({
      batch: { stream, shardId, records: this.#read(records) },
      done: (end) => this.#handedOver(feed, records.length, end),
    });
  }

  #batchSize(): number {
    const { dice, pace } = this.#options;
    return pace.isBatchCut ? dice.between(1, pace.batchMax) : pace.batchMax;
  }

  /** What of the records arrives: one of the exchange's may be damaged on its way. */
  #read(records: readonly StreamRecord[]): readonly StreamRecord[] {
    const { dice, faults, isExchange, stream, trace } = this.#options;
    if (!isExchange || faults.at("exchange-batch") !== "record-damaged") return records;
    faults.note("record-damaged");
    const { sequence, data } = dice.pick(records);
    const bit = dice.between(0, data.length * 8 - 1);
    trace?.(`bit ${bit} of a ${envelopeKind(data)} of ${stream}, ${sequence}, is read wrongly`);
    return records.map((record) =>
      record.sequence === sequence ? { ...record, data: withBitFlipped(data, bit) } : record,
    );
  }

  #handedOver(feed: ShardFeed, count: number, end: InvocationEnd): void {
    const { scheduler, faults, dice } = this.#options;
    feed.isBusy = false;
    let done = 0;
    if (end.kind === "done") {
      const { failedSequence } = end.outcome;
      const failedAt =
        failedSequence === undefined
          ? -1
          : feed.shard.sequences.indexOf(Number(failedSequence), feed.next);
      // As Lambda has it: an identifier that is not in the batch fails all of it.
      if (failedSequence === undefined) done = count;
      else if (failedAt >= feed.next && failedAt < feed.next + count) done = failedAt - feed.next;
    }
    feed.next += done;
    if (done < count) {
      feed.failures = done > 0 ? 1 : feed.failures + 1;
      feed.isBusy = true;
      const backoffMs = Math.min(backoffFirstMs * 2 ** feed.failures, backoffMaxMs);
      scheduler.soon(backoffMs, () => {
        feed.isBusy = false;
        this.#pump(feed);
      });
      return;
    }
    feed.failures = 0;
    if (faults.at("batch-done") === "redelivery") {
      faults.note("redelivery");
      feed.next = Math.max(0, feed.next - dice.between(1, 2 * count));
    }
    this.#pump(feed);
  }
}
