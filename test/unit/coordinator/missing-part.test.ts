import { expect, test } from "vitest";
import { listManifests } from "../../../runtime/checkpoint/manifest.ts";
import { runCoordinator } from "../../../runtime/coordinator/coordinator.ts";
import { defaultCoordinatorSettings } from "../../../runtime/coordinator/options.ts";
import { checkpointing } from "../../../runtime/index.ts";
import { objectNames } from "../../../runtime/layout/names.ts";
import type { Ports } from "../../../runtime/ports/index.ts";
import { restore } from "../../../runtime/savepoints/index.ts";
import { endGeneration } from "../../../runtime/job/generation.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { driver, slotWorld, type SlotWorld } from "../../integration/slot-world.ts";
import { someVisits, type Visit, visitsJob } from "../../integration/visits-job.ts";

const checkpoints = checkpointing({ interval: { seconds: 1 }, timeout: { seconds: 10 } });
const epochsMax = 3;

interface Sleeper {
  /** What happens while the coordinator sleeps, between the progress rows and the parts that they name. */
  readonly meanwhile: (world: SlotWorld) => Promise<unknown>;
  /** Whether a part is gone when it looks for it again. */
  readonly isGone: (lookedFor: number) => boolean;
}

/** A coordinator that finds the first part missing that it looks for once an epoch has completed; ends after some epochs. */
async function lead({ meanwhile, isGone }: Sleeper) {
  const world = await slotWorld(visitsJob({ checkpoints, aligned: false }), {
    sourceShards: 2,
    exchangeShards: 2,
  });
  await world.put("visits", someVisits(200, { users: 5 }), (visit: Visit) => visit.user);
  const environment = world.environment();
  const feed = driver({ world, pick: () => environment, batchSize: () => 10 });
  const { clock, objects } = world.ports;
  const complete = async () =>
    (await listManifests(world.ports, "visits")).filter(({ status }) => status === "complete");
  // An environment serves one invocation at a time.
  let before: Promise<unknown> = Promise.resolve();
  const served = async <T>(serve: () => Promise<T>): Promise<T> => {
    const turn = before.then(serve);
    before = turn.catch(() => undefined);
    return await turn;
  };
  let gone: string | undefined;
  let lookedFor = 0;
  const ports: Ports = {
    ...world.ports,
    clock: {
      nowMs: () => clock.nowMs(),
      sleep: async (durationMs) => {
        await clock.sleep(durationMs);
        await served(() => feed.pump());
      },
    },
    objects: {
      ...objects,
      get: async (key) => {
        if (key.includes("/parts/") && gone === undefined && (await complete()).length > 0) {
          gone = key;
          await meanwhile(world);
        }
        return key === gone && isGone(lookedFor++) ? undefined : await objects.get(key);
      },
    },
  };
  let epochs = 0;
  const end = await runCoordinator({
    job: { ...world.runtime, ports },
    settings: { ...defaultCoordinatorSettings, sourceQuietMs: 0, shardListMs: 0 },
    deadlineMs: clock.nowMs() + 60_000,
    isStopped: () => {
      void complete().then((found) => (epochs = found.length));
      return epochs >= epochsMax;
    },
    invoker: {
      invoke: async (slot) =>
        void (await served(() => processBatch(environment, { ...slot, records: [] }))),
    },
  });
  return { end, epochs };
}

const forEver = () => true;
const nothing = async () => undefined;

test("a coordinator that sleeps until its generation has ended doesn't call what was collected damage", async () => {
  const { end } = await lead({
    meanwhile: (world) =>
      endGeneration(world.ports, "visits", world.generation, { outcome: "stopped" }),
    isGone: forEver,
  });
  expect(end).toBe("ended");
});

test("nor one whose lease has gone to another", async () => {
  const { end } = await lead({
    meanwhile: async ({ ports }) => {
      const row = (await ports.control.get({ partition: "visits#job", sort: "lease" }))!;
      const value = { holder: "another", untilMs: Number.MAX_SAFE_INTEGER };
      await ports.control.put({ ...row, rank: row.rank + 1, value }, { kind: "always" });
    },
    isGone: forEver,
  });
  expect(end).toBe("led-by-another");
});

test("one whose generation was replaced leads the one that lives", async () => {
  const { end, epochs } = await lead({
    meanwhile: (world) =>
      restore({ job: world.runtime, manifest: objectNames.manifest("visits", 1, 1) }),
    isGone: forEver,
  });
  expect({ end, epochs }).toEqual({ end: "stopped", epochs: epochsMax });
});

test("one that still leads reads the rows anew: the slot may have gone on to another part", async () => {
  const { end, epochs } = await lead({ meanwhile: nothing, isGone: (before) => before === 0 });
  expect({ end, epochs }).toEqual({ end: "stopped", epochs: epochsMax });
});

test("what a living row names and is gone is damage, and said at the second look", async () => {
  let lookedFor = 0;
  const isGone = () => ++lookedFor > 0;
  await expect(lead({ meanwhile: nothing, isGone })).rejects.toMatchObject({
    code: "part-missing",
    retryable: false,
  });
  expect(lookedFor).toBe(2);
});
