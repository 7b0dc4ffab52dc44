import type { Tick } from "../exchange/frame.ts";
import type { StageWatermark } from "../exchange/watermark.ts";
import type { Shard } from "../ports/index.ts";
import { sealEnvelope } from "../serde/envelope.ts";
import type { Generation } from "../job/generation.ts";
import type { JobRuntime } from "../job/job-runtime.ts";

export interface TickContent {
  readonly generation: Generation;
  readonly epoch: number;
  readonly clockMs: number;
  readonly watermarks: Readonly<Record<string, StageWatermark>>;
  readonly closed?: number;
  readonly stopping?: boolean;
}

/**
 * Puts one tick into each open shard of the exchange. One that lands elsewhere, late or not at all does no harm: whatever it
 * says was true before it was put, and the next one says it again.
 */
export async function sendTicks(
  job: JobRuntime,
  shards: readonly Shard[],
  content: TickContent,
): Promise<boolean> {
  const { ports, plan, names } = job;
  const tick: Tick = {
    ...content,
    job: plan.job,
    generation: content.generation.generation,
    plan: plan.fingerprint,
  };
  const data = sealEnvelope("tick", tick, ports.compression);
  const entries = shards
    .filter(({ closed }) => !closed)
    .map(({ firstHash }) => ({ partitionKey: "tick", explicitHash: firstHash, data }));
  let allPut = true;
  for (let at = 0; at < entries.length; at += 500) {
    const results = await ports.writer.put(names.exchangeStream, entries.slice(at, at + 500));
    allPut &&= results.every(({ put }) => put);
  }
  return allPut;
}
