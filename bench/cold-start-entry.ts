import job from "../examples/flight-delays/job.ts";
import { processHandler } from "../functions/process.ts";
import { createStreams, embeddedRuntime } from "../runtime/embedded/job-world.ts";
import { durablePorts } from "../runtime/embedded/ports.ts";
import { buildPlan } from "../runtime/planner/build-plan.ts";
import { ensureGeneration } from "../runtime/job/generation.ts";

/** Takes one record in a fresh folder: bundled, and called by the cold start's child. */
export async function start(dir: string): Promise<void> {
  const plan = buildPlan(job.graph);
  const ports = durablePorts(dir);
  const runtime = embeddedRuntime({ graph: job.graph, plan }, ports);
  await createStreams(plan, ports, { source: 1, exchange: 1 });
  await ensureGeneration(runtime);
  const flight = {
    row: 0,
    date: "2001-01-01T00:01",
    delay: 33,
    distance: 2176,
    origin: "LAS",
    destination: "PHL",
  };
  await ports.writer.put("flights", [
    { partitionKey: "0", data: new TextEncoder().encode(JSON.stringify(flight)) },
  ]);
  const [shard] = await ports.reader.listShards("flights");
  await processHandler(runtime)({ millrace: { stream: "flights", shardId: shard?.shardId ?? "" } });
  ports.close();
}
