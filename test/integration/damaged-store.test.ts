import { expect, test, vi } from "vitest";
import { runEmbedded } from "../../dev/run-embedded.ts";
import { createStreams, embeddedRuntime } from "../../runtime/embedded/job-world.ts";
import { type EmbeddedPorts, memoryPorts } from "../../runtime/embedded/ports.ts";
import { buildPlan } from "../../runtime/planner/build-plan.ts";
import { listProgress } from "../../runtime/job/progress.ts";
import { someVisits, type Visit, visitsJob } from "./visits-job.ts";
import { patienceMs } from "../patience.ts";

const { graph } = visitsJob();
const plan = buildPlan(graph);

const start = async (ports: EmbeddedPorts) =>
  await runEmbedded({
    job: embeddedRuntime({ graph, plan }, ports, { ringSize: 4 }),
    tuning: { batchSize: 10 },
    coordinator: { tickIntervalMs: 5, shardListMs: 20, sourceQuietMs: 10 },
  });

const put = async (ports: EmbeddedPorts, visits: readonly Visit[]): Promise<void> => {
  const entries = visits.map((visit) => ({
    partitionKey: visit.user,
    data: new TextEncoder().encode(JSON.stringify(visit)),
  }));
  await ports.writer.put("visits", entries);
};

/** Flips a bit in every part of the job's slots. */
async function damageParts(ports: EmbeddedPorts): Promise<number> {
  let count = 0;
  for await (const key of ports.objects.list("visits/1/parts/")) {
    const data = Uint8Array.from((await ports.objects.get(key))!);
    data[Math.floor(data.length / 2)]! ^= 1;
    await ports.objects.put(key, data);
    count += 1;
  }
  return count;
}

test("a run on a damaged store ends with the error, and leaves nothing running", async () => {
  const ports = memoryPorts();
  await createStreams(plan, ports, { source: 2, exchange: 2 });
  const visits = someVisits(200, { users: 5 });
  await put(ports, visits.slice(0, 100));
  const first = await start(ports);
  const place = { job: plan.job, generation: 1 };
  const partsOf = async () =>
    (await listProgress(ports, place)).filter(({ part }) => part !== undefined);
  await vi.waitFor(async () => expect((await partsOf()).length).toBeGreaterThan(2), {
    timeout: patienceMs,
  });
  first.stop();
  expect(await first.done).toBe("stopped");

  expect(await damageParts(ports)).toBeGreaterThan(2);
  await put(ports, visits.slice(100));
  const second = await start(ports);
  await expect(second.done).rejects.toMatchObject({ code: "format-corrupt", retryable: false });
});
