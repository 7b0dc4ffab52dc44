import { readsStream } from "../../runtime/connectors/sources.ts";
import { mappedStreamsOf } from "../../runtime/job/feeds.ts";
import { usesExchange } from "../../runtime/job/slot-ref.ts";
import type { Plan } from "../../runtime/plan/plan.ts";
import { type FeedFile, filesOfFeed } from "./feed-files.ts";
import type { Faults } from "./faults.ts";
import { Mapping } from "./mapping.ts";
import type { Pace } from "./pace.ts";
import type { EnvironmentPool } from "./pool.ts";
import { shardsMax } from "./ports/process-ports.ts";
import type { SimObjects } from "./ports/sim-objects.ts";
import type { SimShard, SimStreams } from "./ports/sim-streams.ts";
import type { WorldDice } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";
import type { FeedRecord } from "./shape.ts";
import type { WorldSettings } from "./world-settings.ts";

export interface TrafficOptions {
  readonly plan: Plan;
  readonly exchange: string;
  readonly feed: readonly FeedRecord[];
  readonly settings: WorldSettings;
  readonly pace: Pace;
  readonly streams: SimStreams;
  readonly files: SimObjects;
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly dice: WorldDice;
  /** Of whoever runs the job. */
  readonly missionDice: WorldDice;
  readonly pool: EnvironmentPool;
  readonly isRough: boolean;
  readonly trace: ((line: string) => void) | undefined;
}

/** What comes into a world's streams, how these are resharded, and the mappings that hand records over. */
export class Traffic {
  readonly #options: TrafficOptions;
  readonly #mappings = new Map<string, Mapping>();
  reshards = 0;
  /** Nothing more is put, faults have ceased: the next epoch that completes is the last one that is waited for. */
  #endsAfterEpoch = false;
  /** No source gives anything any more. */
  haveEnded = false;
  /** What sources of files read is there from the beginning. */
  readonly files: readonly FeedFile[];

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.files = filesOfFeed(options.plan, options.feed);
  }

  createStreams(): void {
    const { plan, exchange, settings, pace, streams, scheduler, dice, faults, pool, trace } =
      this.#options;
    const { sourceShards, exchangeShards } = settings;
    const { sinks } = plan;
    const sources = plan.sources.filter(readsStream);
    for (const { key, content } of this.files) this.#options.files.put(key, content, false);
    const perSource = Math.max(1, Math.ceil(sourceShards / Math.max(1, sources.length)));
    for (const { stream } of sources)
      streams.create(stream, sources.length === 1 ? sourceShards : perSource + dice.between(0, 1));
    if (usesExchange(plan)) streams.create(exchange, exchangeShards);
    for (const { type, target } of sinks) if (type === "kinesis") streams.create(target, 2);
    const names = { exchangeStream: exchange, streams: {}, tables: {} };
    for (const stream of mappedStreamsOf(plan, names))
      this.#mappings.set(
        stream,
        new Mapping({
          stream,
          isExchange: stream === exchange,
          streams,
          scheduler,
          dice,
          faults,
          pool,
          pace,
          trace,
        }),
      );
  }

  /** Producers put the feed in pieces, at times of their own, before the last fault. */
  scheduleFeed(): void {
    const { plan, settings, dice, scheduler } = this.#options;
    const streams = plan.sources.filter(readsStream).map(({ stream }) => stream);
    const feed = this.#options.feed.filter(({ stream }) => streams.includes(stream));
    const puts: (readonly FeedRecord[])[] = [];
    for (let at = 0; at < feed.length;) {
      const size = dice.between(1, 40);
      puts.push(feed.slice(at, at + size));
      at += size;
    }
    const times = puts
      .map(() => Math.min(settings.feedMs, settings.calmMs) * dice.fraction())
      .sort((left, right) => left - right);
    for (const [index, records] of puts.entries())
      scheduler.at(times[index]!, () => this.#produce(records));
  }

  #produce(records: readonly FeedRecord[]): void {
    for (const { stream, partitionKey, data } of records)
      this.#options.streams.put(stream, { partitionKey, data });
  }

  /** Sources end behind the feed. With checkpoints they end behind the last fault, and have until `spareMs` for one more epoch. */
  scheduleEnd(spareMs: number): void {
    const { settings, dice, scheduler } = this.#options;
    const { feedMs, calmMs } = settings;
    const endMs = Math.min(feedMs, calmMs) + dice.between(0, 5_000);
    scheduler.at(calmMs, () => (this.#endsAfterEpoch = true));
    scheduler.at(Math.max(endMs, spareMs), () => this.#endSources());
  }

  scheduleReshards(): void {
    const { isRough, settings, dice, scheduler } = this.#options;
    for (let left = dice.between(isRough ? 5 : 0, 8); left > 0; left--)
      scheduler.at(settings.calmMs * dice.fraction(), () => this.#reshard());
  }

  epochCompleted(isBusy: boolean): void {
    if (this.#endsAfterEpoch && !isBusy) this.#endSources();
  }

  #endSources(): void {
    if (this.haveEnded) return;
    this.haveEnded = true;
    const { plan, streams } = this.#options;
    for (const { stream } of plan.sources.filter(readsStream)) streams.end(stream);
  }

  /** The mappings begin when the job is published: some later, but before what a slot's fence concludes from that. */
  published(afterMs: number): void {
    const { settings, exchange } = this.#options;
    const { fenceSkewMs, calmMs } = settings;
    for (const [stream, mapping] of this.#mappings)
      mapping.start(stream === exchange ? Math.min(20_000, calmMs) : afterMs + fenceSkewMs);
  }

  landed(stream: string, shard: SimShard): void {
    this.#mappings.get(stream)?.landed(shard);
  }

  resharded(stream: string, opened: readonly SimShard[]): void {
    if (opened.length > 0) this.reshards += 1;
    this.#mappings.get(stream)?.resharded(opened);
  }

  describe(): readonly string[] {
    return [...this.#mappings.values()].flatMap((mapping) => mapping.describe());
  }

  /** Splits and merges shards of the exchange, so that a restore finds another number of them. */
  rescale(): void {
    const { plan, exchange, streams, missionDice } = this.#options;
    if (!usesExchange(plan)) return;
    for (let left = missionDice.between(1, 3); left > 0; left--) {
      if (streams.shards(exchange).length + 2 > shardsMax) return;
      const open = streams.openShards(exchange);
      const index = missionDice.between(0, open.length - 1);
      if (open.length === 0) return;
      if (missionDice.chance(0.5)) streams.split(exchange, open[index]!.shardId, 0.5);
      else if (index + 1 < open.length) streams.merge(exchange, index, this.#isSwapped());
    }
  }

  #reshard(): void {
    const { plan, exchange, streams, dice, faults } = this.#options;
    const ofExchange = usesExchange(plan) && dice.chance(0.6);
    const sources = plan.sources.filter(readsStream);
    if (!ofExchange && sources.length === 0) return;
    const stream = ofExchange ? exchange : dice.pick(sources).stream;
    const open = streams.openShards(stream);
    const fault = faults.at(ofExchange ? "exchange-reshard" : "source-reshard");
    if (fault === undefined || open.length === 0) return;
    const isFull = streams.shards(stream).length + 2 > shardsMax;
    const index = dice.between(0, open.length - 1);
    if (fault.endsWith("-split") && open.length < 7 && !isFull) {
      faults.note(fault);
      streams.split(stream, open[index]!.shardId, dice.pick([0.5, dice.fraction()]));
    } else if (fault.endsWith("-merge") && index + 1 < open.length && !isFull) {
      faults.note(fault);
      streams.merge(stream, index, this.#isSwapped());
    }
  }

  /** In which order the next merged shard names its parents. */
  #isSwapped(): boolean {
    const { faults, trace } = this.#options;
    if (faults.at("merge") !== "merge-swapped") return false;
    faults.note("merge-swapped");
    trace?.("a merged shard names its parents in the other order");
    return true;
  }
}
