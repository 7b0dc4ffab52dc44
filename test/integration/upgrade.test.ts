import { describe, expect, test } from "vitest";
import { listManifests } from "../../runtime/checkpoint/manifest.ts";
import { defaultCoordinatorSettings } from "../../runtime/coordinator/options.ts";
import { createRound } from "../../runtime/coordinator/round.ts";
import { checkpointing, type JobDefinition } from "../../runtime/index.ts";
import { objectNames } from "../../runtime/layout/names.ts";
import { buildPlan } from "../../runtime/planner/build-plan.ts";
import { restore } from "../../runtime/savepoints/restore.ts";
import { createEnvironment, type SlotEnvironment } from "../../runtime/slot/image/environment.ts";
import { type Generation, readGeneration } from "../../runtime/job/generation.ts";
import type { JobRuntime } from "../../runtime/job/job-runtime.ts";
import { processBatch } from "../../runtime/slot/process-batch.ts";
import { listProgress } from "../../runtime/job/progress.ts";
import { driver, rowsOf, slotWorld, type SlotWorld } from "./slot-world.ts";
import { plainVisits, someVisits, type Visit, visitsJob } from "./visits-job.ts";

const visits = someVisits(400, { users: 9 });
const byUser = (visit: Visit): string => visit.user;
const checkpoints = checkpointing({ interval: { milliseconds: 500 } });

/** The same stages and states, but another allowed lateness and other functions. */
function withOtherCode(job: JobDefinition): JobDefinition {
  const nodes = job.graph.nodes.map((node) => {
    if (node.kind !== "window" || node.compute.kind !== "aggregate") return node;
    const { aggregate } = node.compute;
    const allowedLatenessMs = node.allowedLatenessMs + 1;
    const add: typeof aggregate.add = (sum, ...given) => aggregate.add({ ...sum }, ...given);
    return {
      ...node,
      allowedLatenessMs,
      compute: { ...node.compute, aggregate: { ...aggregate, add } },
    };
  });
  return { ...job, graph: { ...job.graph, nodes } };
}

/** An operator has another uid, and does not say which it had: what it kept has no place. */
function withOtherStages(job: JobDefinition): JobDefinition {
  const nodes = job.graph.nodes.map((node) =>
    "uid" in node && node.uid === "sessions" ? { ...node, uid: "runs" } : node,
  );
  return { ...job, graph: { ...job.graph, nodes } };
}

function deployed({ runtime }: SlotWorld, job: JobDefinition): JobRuntime {
  return { ...runtime, graph: job.graph, plan: buildPlan(job.graph) };
}

async function halfway() {
  const world = await slotWorld(visitsJob({ checkpoints }), { exchangeShards: 2 });
  const before = world.environment();
  await world.put("visits", visits.slice(0, 200), byUser);
  let serving: () => SlotEnvironment = () => before;
  const pick = () => serving();
  const feed = driver({ world, pick, batchSize: () => 30 });
  const round = world.coordinator(pick);
  for (let rounds = 0; rounds < 8; rounds++) {
    await feed.pump();
    world.clock.advance(300);
    await round();
  }
  const serve = (environment: () => SlotEnvironment) => void (serving = environment);
  return { world, before, feed, pick, serve };
}

describe("a deployment over a running job", () => {
  test("with the same plan goes on with generation and state, also while old and new code take turns", async () => {
    const { world, before, feed, pick, serve } = await halfway();
    const job = deployed(world, withOtherCode(visitsJob({ checkpoints })));
    expect(job.plan.fingerprint).toBe(world.runtime.plan.fingerprint);
    const after = createEnvironment(job);
    let turns = 0;
    serve(() => (turns++ % 2 === 0 ? after : before));
    await world.put("visits", visits.slice(200, 300), byUser);
    while (await feed.pump());
    serve(() => after);
    await world.put("visits", visits.slice(300), byUser);
    await world.ports.admin.endStream("visits");
    await feed.untilEnded(world.coordinator(pick));
    expect(await readGeneration(world.ports, "visits")).toMatchObject({ generation: 1 });
    expect(await rowsOf(world.ports, "counts")).toEqual(plainVisits(visits).counts);
    expect(await rowsOf(world.ports, "sessions")).toEqual(plainVisits(visits).sessions);
  });

  test("with another plan commits nothing, and says that a restore is needed", async () => {
    const { world } = await halfway();
    const after = createEnvironment(deployed(world, withOtherStages(visitsJob({ checkpoints }))));
    const place = { job: "visits", generation: 1 };
    const standing = await listProgress(world.ports, place);
    const shardId = "shardId-000000000000";
    const records = await world.records("visits", shardId);
    await expect(processBatch(after, { stream: "visits", shardId, records })).rejects.toMatchObject(
      { code: "plan-changed", message: expect.stringContaining("millrace restore") as string },
    );
    expect(await listProgress(world.ports, place)).toEqual(standing);
  });

  test("that was restored stops what still runs the older plan, and the newer one takes its batches", async () => {
    const { world, before, feed, pick, serve } = await halfway();
    const epoch = (await listManifests(world.ports, "visits")).findLast(
      ({ status }) => status === "complete",
    )!;
    const manifest = objectNames.manifest("visits", epoch.generation, epoch.epoch);
    const job = deployed(world, withOtherStages(visitsJob({ checkpoints })));
    await expect(restore({ job, manifest })).rejects.toMatchObject({ code: "state-not-restored" });
    await restore({ job, manifest, allowNonRestoredState: true });
    await world.put("visits", visits.slice(200), byUser);
    await expect(feed.pump()).rejects.toMatchObject({ code: "plan-changed" });
    expect(before.events.commits).toBeGreaterThan(0);

    const after = createEnvironment(job);
    serve(() => after);
    const living = (await readGeneration(world.ports, "visits"))!;
    expect(living.plan).toBe(job.plan.fingerprint);
    await world.ports.admin.endStream("visits");
    await feed.untilEnded(coordinatorOf(job, living, pick));
    expect(await rowsOf(world.ports, "counts")).toEqual(plainVisits(visits).counts);
    expect(await rowsOf(world.ports, "totals")).toEqual(plainVisits(visits).totals);
  });
});

function coordinatorOf(job: JobRuntime, generation: Generation, pick: () => SlotEnvironment) {
  const settings = { ...defaultCoordinatorSettings, shardListMs: 0, sourceQuietMs: 0 };
  const round = createRound(
    {
      job,
      settings,
      deadlineMs: Number.POSITIVE_INFINITY,
      invoker: {
        invoke: async (slot) => void (await processBatch(pick(), { ...slot, records: [] })),
      },
    },
    generation,
  );
  return async () => {
    const report = await round();
    await Promise.all(report.invocations);
    return report;
  };
}
