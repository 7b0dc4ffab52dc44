import { expect } from "vitest";
import { checkpointing } from "../../../runtime/index.ts";
import { objectNames } from "../../../runtime/layout/names.ts";
import { driver, slotWorld, type SlotWorld } from "../../integration/slot-world.ts";
import { someVisits, type Visit, visitsJob } from "../../integration/visits-job.ts";

/** Of the epoch that `withEpoch` leaves. */
export const manifest = objectNames.manifest("visits", 1, 1);

/** A job that runs and has one complete epoch; `before` is called before it has taken anything. */
export async function withEpoch(
  before: (world: SlotWorld) => Promise<unknown> = async () => {},
): Promise<SlotWorld> {
  const checkpoints = checkpointing({ interval: { seconds: 1 }, timeout: { seconds: 10 } });
  const world = await slotWorld(visitsJob({ checkpoints }), { sourceShards: 2, exchangeShards: 2 });
  await before(world);
  await world.put("visits", someVisits(100, { users: 5 }), (visit: Visit) => visit.user);
  const feed = driver({ world, pick: () => environment, batchSize: () => 10 });
  const environment = world.environment();
  const round = world.coordinator(() => environment);
  for (let rounds = 0; (await world.ports.objects.get(manifest)) === undefined; rounds++) {
    expect(rounds).toBeLessThan(50);
    await feed.pump();
    world.clock.advance(300);
    await round();
  }
  return world;
}
