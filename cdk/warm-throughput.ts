import type { WarmThroughput } from "aws-cdk-lib/aws-dynamodb";
import type { Plan } from "../runtime/plan/plan.ts";
import { usesExchange } from "../runtime/job/slot-ref.ts";
import type { PipelineSettings } from "./pipeline-settings.ts";

/** What a table must bear at once, in units per second. */
export interface TableLoad {
  readonly reads: number;
  readonly writes: number;
}

type Shards = Pick<PipelineSettings, "streamShards" | "exchangeShards">;

/** What every on-demand table bears from the start (DynamoDB developer guide, "Warm throughput"). */
const initial: TableLoad = { reads: 12_000, writes: 4_000 };
/** An account's quota for one table, each way (DynamoDB developer guide, "Quotas"). */
const quota = 40_000;

/** A shard takes 1,000 records a second, and each may become a row. */
const rowsPerShard = 1_000;
/** Of a slot in full use: a commit and a progress row for each of ten batches a second, and the rows read before. */
const unitsPerSlot: TableLoad = { reads: 60, writes: 120 };

/** Written by source slots, exchange slots or both: wherever a stage has a sink of this table. */
export function resultWrites(plan: Plan, table: string, shards: Shards): number {
  const uids = new Set(plan.sinks.filter(({ target }) => target === table).map(({ uid }) => uid));
  const stages = plan.stages.filter(({ operators }) =>
    operators.some(({ uid }) => uid !== undefined && uids.has(uid)),
  );
  const slots = stages.map(({ kind }) =>
    kind === "exchange" ? shards.exchangeShards : shards.streamShards,
  );
  return Math.max(0, ...slots) * rowsPerShard;
}

export function jobTableLoad(plan: Plan, { streamShards, exchangeShards }: Shards): TableLoad {
  const streams = new Set(plan.sources.map(({ stream }) => stream)).size;
  const slots = streams * streamShards + (usesExchange(plan) ? exchangeShards : 0);
  return { reads: slots * unitsPerSlot.reads, writes: slots * unitsPerSlot.writes };
}

/** Nothing where it isn't wished for, or the table bears it anyhow: AWS asks once for what is above. */
export function warmThroughput(
  { reads, writes }: TableLoad,
  wish: PipelineSettings["warmThroughput"],
): {
  readonly warmThroughput?: WarmThroughput;
} {
  if (wish === "none") return {};
  if (reads <= initial.reads && writes <= initial.writes) return {};
  return {
    warmThroughput: {
      readUnitsPerSecond: Math.min(quota, Math.max(reads, initial.reads)),
      writeUnitsPerSecond: Math.min(quota, Math.max(writes, initial.writes)),
    },
  };
}
