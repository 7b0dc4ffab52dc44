import { describe, expect, test } from "vitest";
import { readEpochs } from "../../../runtime/checkpoint/epochs.ts";
import { defaultCoordinatorSettings } from "../../../runtime/coordinator/options.ts";
import { createRound } from "../../../runtime/coordinator/round.ts";
import { checkpointing } from "../../../runtime/index.ts";
import { listProgress } from "../../../runtime/job/progress.ts";
import type { Ports } from "../../../runtime/ports/index.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { driver, slotWorld, type SlotWorld } from "../../integration/slot-world.ts";
import { someVisits, type Visit, visitsJob } from "../../integration/visits-job.ts";

const aheadMs = 2 * 3_600_000;
const byUser = (visit: Visit): string => visit.user;
const checkpoints = checkpointing({ interval: { seconds: 1 }, timeout: { seconds: 10 } });

/** The same ports, in a process whose clock is two hours ahead. */
function ahead({ ports }: SlotWorld): Ports {
  return { ...ports, clock: { ...ports.clock, nowMs: () => ports.clock.nowMs() + aheadMs } };
}

/** A coordinator, on the ports of a process. */
function coordinatorOn({ runtime, generation }: SlotWorld, ports: Ports) {
  const round = createRound(
    {
      job: { ...runtime, ports },
      deadlineMs: Number.POSITIVE_INFINITY,
      settings: { ...defaultCoordinatorSettings, shardListMs: 0, sourceQuietMs: 0 },
      invoker: { invoke: async () => undefined },
    },
    generation,
  );
  return async () => void (await Promise.all((await round()).invocations));
}

const newestOf = async ({ ports }: SlotWorld) =>
  (await readEpochs(ports, "visits", 1)).epochs.newest;

describe("a leader whose clock was two hours ahead", () => {
  test("has opened an epoch: the next leader ends it, and opens others at their time", async () => {
    const world = await slotWorld(visitsJob({ checkpoints }));
    await coordinatorOn(world, ahead(world))();
    expect(await newestOf(world)).toMatchObject({ number: 1, status: "open" });
    const round = coordinatorOn(world, world.ports);
    for (let rounds = 0; rounds < 8; rounds++) {
      world.clock.advance(500);
      await round();
    }
    expect((await newestOf(world))?.number).toBeGreaterThan(1);
  });

  test("has published the generation: its epochs are opened, and have the time that they are given", async () => {
    const world = await slotWorld(visitsJob({ checkpoints }));
    const publishedMs = world.clock.nowMs() + aheadMs;
    const generation = { ...world.generation, publishedMs };
    const round = coordinatorOn({ ...world, generation }, world.ports);
    for (let rounds = 0; rounds < 8; rounds++) {
      await round();
      world.clock.advance(500);
    }
    const { epochs } = await readEpochs(world.ports, "visits", 1);
    expect(epochs).toMatchObject({ newest: { number: 1, status: "open" }, failures: 0 });
  });
});

test("a slot whose process had a clock two hours ahead is looked after when its shard is closed or silent", async () => {
  const world = await slotWorld(visitsJob());
  await world.put("visits", someVisits(20, { users: 3 }), byUser);
  const feed = driver({ world, pick: () => world.environment(ahead(world)) });
  while (await feed.pump());
  const [row] = await listProgress(world.ports, { job: "visits", generation: 1 });
  expect(row!.atMs).toBeGreaterThan(world.clock.nowMs());
  await world.ports.admin.endStream("visits");
  const environment = world.environment();
  const here = driver({ world, pick: () => environment });
  await here.untilEnded(world.coordinator(() => environment, 0));
  expect(
    await processBatch(environment, { stream: "visits", shardId: row!.shardId, records: [] }),
  ).toEqual({});
});
