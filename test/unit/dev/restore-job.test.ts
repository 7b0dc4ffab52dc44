import { expect, test, vi } from "vitest";
import { restoreJob } from "../../../dev/restore-job.ts";
import { runEmbedded } from "../../../dev/run-embedded.ts";
import { createStreams, embeddedRuntime } from "../../../runtime/embedded/job-world.ts";
import { memoryPorts } from "../../../runtime/embedded/ports.ts";
import { checkpointing } from "../../../runtime/index.ts";
import { buildPlan } from "../../../runtime/planner/build-plan.ts";
import { takeSavepoint } from "../../../runtime/savepoints/index.ts";
import { readGeneration } from "../../../runtime/job/generation.ts";
import { listProgress } from "../../../runtime/job/progress.ts";
import { gatedPorts } from "../../integration/gated-ports.ts";
import { someVisits, visitsJob } from "../../integration/visits-job.ts";
import { patienceMs } from "../../patience.ts";

test("a job whose restore was cut off right behind its publication reads again what it had taken, though nothing new comes", async () => {
  const { graph } = visitsJob({ checkpoints: checkpointing({ interval: "never" }) });
  const ports = memoryPorts();
  const job = { graph, plan: buildPlan(graph) };
  await createStreams(job.plan, ports, { source: 2, exchange: 2 });
  const visits = someVisits(200);
  const feed = (from: number, to: number) =>
    ports.writer.put(
      "visits",
      visits.slice(from, to).map((visit, index) => ({
        partitionKey: `${index}`,
        data: new TextEncoder().encode(JSON.stringify(visit)),
      })),
    );
  const start = () =>
    runEmbedded({ job: embeddedRuntime(job, ports), coordinator: { sourceQuietMs: 10 } });
  const untilTaken = (generation: number, count: number) =>
    vi.waitFor(
      async () => {
        const rows = await listProgress(ports, { job: "visits", generation });
        const sources = rows.filter(({ stream }) => stream === "visits");
        expect(sources.reduce((sum, { counters }) => sum + counters.records, 0)).toBe(count);
      },
      { interval: 5, timeout: patienceMs },
    );

  const first = await start();
  await feed(0, 100);
  await untilTaken(1, 100);
  const { manifest } = await takeSavepoint(ports, { job: "visits", kind: "savepoint" });
  await feed(100, 200);
  await untilTaken(1, 200);
  first.stop();
  await first.done;

  let isPublished = false;
  const cutOff = gatedPorts(ports, async () => {
    if (isPublished) throw new Error("cut off");
    isPublished = (await readGeneration(ports, "visits"))?.generation === 2;
    if (isPublished) throw new Error("cut off");
  });
  await expect(restoreJob({ job, ports: { ...ports, ...cutOff }, manifest })).rejects.toThrow(
    "cut off",
  );
  expect(await readGeneration(ports, "visits")).toMatchObject({ generation: 2, ended: false });
  const second = await start();
  await untilTaken(2, 200);
  second.stop();
  await second.done;
});
