import { endGeneration, type Generation } from "../job/generation.ts";
import { feedsOf } from "../job/feeds.ts";
import { listProgress, type SlotProgress } from "../job/progress.ts";
import { epochCommits } from "./epoch-commits.ts";
import { hasEverySlot } from "./every-slot.ts";
import { alignmentReports } from "./alignment.ts";
import { advanceEpochs, type EpochOutcome } from "./epoch-round.ts";
import { lagMeter } from "./exchange-lag.ts";
import { healthReports } from "./health.ts";
import type { CoordinatorOptions } from "./options.ts";
import { type Regions, regionsOf } from "./regions.ts";
import { sampleWrites } from "./samples.ts";
import { type ShardLists, shardLists } from "./shard-lists.ts";
import { sourceInvocations } from "./source-invocations.ts";
import type { JobRegions } from "./stage-watermarks.ts";
import { ticker } from "./ticker.ts";
import { userMetricReports } from "./user-metrics.ts";

export interface RoundReport {
  /** Something moved since the round before. */
  readonly changed: boolean;
  /** Everything is delivered, and nothing can come any more. */
  readonly ended: boolean;
  /** The direct invocations that it started, what makes an epoch visible, and a sample's write: settled when they are done, never rejected. The loop does not wait for them. */
  readonly invocations: readonly Promise<void>[];
}

/** What one round has read: everything in it acts on the same view. */
export interface RoundView {
  readonly generation: Generation;
  readonly progress: readonly SlotProgress[];
  readonly shards: ShardLists;
  readonly regions: JobRegions;
  readonly nowMs: number;
  readonly epochs: EpochOutcome;
}

/**
 * Makes the coordinator's round: reads progress, ticks, invokes, and notices the end. What lasts from one round to the next is kept by
 * whoever needs it.
 */
export function createRound(
  options: CoordinatorOptions,
  generation: Generation,
): () => Promise<RoundReport> {
  const { job } = options;
  const listShards = shardLists(options);
  const lag = lagMeter(options);
  const tick = ticker(options);
  const reportHealth = healthReports(options);
  const writeSample = sampleWrites(options);
  const reportUserMetrics = userMetricReports(options);
  const reportAlignment = alignmentReports(options);
  const invocationsOfSources = sourceInvocations(options);
  const commits = epochCommits(job, generation);
  let versionsBefore = "";
  return async () => {
    const nowMs = job.ports.clock.nowMs();
    const progress = await listProgress(job.ports, {
      job: job.plan.job,
      generation: generation.generation,
    });
    const shards = await listShards(nowMs, progress);
    const regions = regionsOfJob(options, { generation, shards, progress });
    const atEnd = hasEnded(options, regions);
    const epochs = await advanceEpochs(job, {
      generation,
      progress,
      regions,
      atEnd,
      nowMs,
      commits,
    });
    const committing = commits.running();
    const { stoppedWith } = epochs;
    if (stoppedWith !== undefined) {
      const end = { outcome: "stopped", savepoint: stoppedWith } as const;
      await endGeneration(job.ports, job.plan.job, generation, end);
      return { changed: true, ended: true, invocations: [] };
    }
    if (atEnd && !epochs.pending) {
      await endGeneration(job.ports, job.plan.job, generation);
      return { changed: true, ended: true, invocations: [] };
    }
    const view: RoundView = { generation, progress, shards, regions, nowMs, epochs };
    const ticked = await tick(view);
    if (ticked.raisedMs !== undefined) lag.noteRaise(ticked.raisedMs);
    await reportAlignment(view);
    const lagMs = await lag.publish(view);
    reportHealth(view, lagMs);
    reportUserMetrics(view);
    const sampled = writeSample(view, lagMs);
    const { started, isAnyRunning } = invocationsOfSources(view);
    const versions = progress.map(({ slot, version }) => `${slot}:${version}`).join(",");
    const isBusy = isAnyRunning || committing !== undefined;
    const changed = ticked.put || isBusy || epochs.changed || versions !== versionsBefore;
    versionsBefore = versions;
    const beside = [committing, sampled].filter((one) => one !== undefined);
    return { changed, ended: false, invocations: [...started, ...beside] };
  };
}

function regionsOfJob(
  { job }: CoordinatorOptions,
  { generation, shards, progress }: Pick<RoundView, "generation" | "shards" | "progress">,
): JobRegions {
  const sources = new Map<string, Regions>();
  let exchange: Regions = { slots: [], complete: true };
  for (const { source, stream, dividesHashSpace } of feedsOf(job.plan, job.names)) {
    const rows = progress.filter((row) => row.stream === stream);
    const regions = dividesHashSpace
      ? regionsOf(shards.get(stream) ?? [], rows)
      : { slots: rows, complete: hasEverySlot(generation, source, rows) };
    if (source === undefined) exchange = regions;
    else sources.set(source, regions);
  }
  return { sources, exchange };
}

/** The end (protocol 4.8): every slot has delivered +infinity at each of its stages, and no timer is left. */
function hasEnded({ job }: CoordinatorOptions, { sources, exchange }: JobRegions): boolean {
  const isDone = (slot: SlotProgress, stages: readonly string[]): boolean =>
    slot.nextTimerMs === undefined &&
    stages.every((stage) => slot.watermarks[stage]?.ms === Number.POSITIVE_INFINITY);
  for (const [uid, { slots, complete }] of sources) {
    const stages = job.plan.stages
      .filter(({ kind, source }) => kind !== "exchange" && source === uid)
      .map(({ id }) => id);
    if (!complete || !slots.every((slot) => isDone(slot, stages))) return false;
  }
  const stages = job.plan.stages.filter(({ kind }) => kind === "exchange").map(({ id }) => id);
  return exchange.complete && exchange.slots.every((slot) => isDone(slot, stages));
}
