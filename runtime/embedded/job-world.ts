import { resourceOf } from "../connectors/sinks.ts";
import { readsStream } from "../connectors/sources.ts";
import type { Graph } from "../graph/node.ts";
import type { Plan } from "../plan/plan.ts";
import type { JobRuntime, PhysicalNames, SlotSettings } from "../job/job-runtime.ts";
import { defaultSlotSettings } from "../job/job-runtime.ts";
import { usesExchange } from "../job/slot-ref.ts";
import type { EmbeddedPorts } from "./ports.ts";

export interface EmbeddedJob {
  readonly graph: Graph;
  readonly plan: Plan;
}

/** Embedded, bodies stay in the log up to this: a row of SQLite costs less than a file. */
const embeddedInlineMaxBytes = 262_144;

/** No invocation ends here before its delivery is over, and each commit has its own costs. */
const embeddedMaxWrites = 10_000;

/** A job on embedded ports: everything has the name that the job gives it but the `streams` that are named, the exchange stream `<job>-exchange`. */
export function embeddedRuntime(
  { graph, plan }: EmbeddedJob,
  ports: EmbeddedPorts,
  settings: Partial<SlotSettings> = {},
  streams: PhysicalNames["streams"] = {},
): JobRuntime {
  return {
    graph,
    plan,
    ports,
    names: { exchangeStream: exchangeStreamOf(plan), streams, tables: {} },
    // One clock for everything: the fence needs no margin.
    settings: {
      ...defaultSlotSettings,
      inlineMaxBytes: embeddedInlineMaxBytes,
      stepMaxWrites: embeddedMaxWrites,
      fenceSkewMs: 0,
      ...settings,
    },
  };
}

export function exchangeStreamOf({ job }: Pick<Plan, "job">): string {
  return `${job}-exchange`;
}

export interface EmbeddedShards {
  /** Shards of each source stream. */
  readonly source: number;
  readonly exchange: number;
}

/** Creates the streams that a job reads and writes where they do not exist yet. */
export async function createStreams(
  plan: Plan,
  ports: EmbeddedPorts,
  shards: EmbeddedShards,
): Promise<void> {
  for (const { stream } of plan.sources.filter(readsStream))
    await ports.admin.createStream(stream, { shards: shards.source });
  if (usesExchange(plan))
    await ports.admin.createStream(exchangeStreamOf(plan), { shards: shards.exchange });
  for (const { kind, name } of plan.sinks.map(resourceOf)) {
    if (kind === "stream") await ports.admin.createStream(name, { shards: shards.source });
  }
}
