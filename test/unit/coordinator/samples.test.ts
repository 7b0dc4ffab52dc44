import { expect, test } from "vitest";
import { coordinatorHandler } from "../../../functions/coordinator.ts";
import { defaultCoordinatorSettings } from "../../../runtime/coordinator/options.ts";
import { storeError } from "../../../runtime/errors/millrace-error.ts";
import { readSamples } from "../../../runtime/observe/samples.ts";
import type { Ports } from "../../../runtime/ports/index.ts";
import { driver, slotWorld } from "../../integration/slot-world.ts";
import { someVisits, type Visit, visitsJob } from "../../integration/visits-job.ts";

const visits = someVisits(40, { users: 5 });
const invoker = { invoke: async () => undefined };

/** Has a coordinator lead for a minute of a job that has taken some visits, and answers the samples that there are then. */
async function samplesOfMinute(
  settings: object,
  changed: (ports: Ports) => Partial<Ports> = () => ({}),
) {
  const world = await slotWorld(visitsJob());
  const environment = world.environment();
  await world.put("visits", visits, (visit: Visit) => visit.user);
  const feed = driver({ world, pick: () => environment });
  while (await feed.pump());
  const ports = { ...world.ports, ...changed(world.ports) };
  const handler = coordinatorHandler({
    job: { ...world.runtime, ports },
    invoker,
    settings: { ...defaultCoordinatorSettings, quietMs: Number.POSITIVE_INFINITY, ...settings },
  });
  const { end } = await handler({}, { getRemainingTimeInMillis: () => 60_000 });
  return { end, samples: await readSamples(world.ports, "visits") };
}

test("what a job has come to is written down as often as is asked for", async () => {
  const { samples } = await samplesOfMinute({ sampleEveryMs: 10_000 });
  expect(samples).toHaveLength(6);
  const gapsMs = samples.slice(1).map(({ atMs }, at) => atMs - samples[at]!.atMs);
  for (const gapMs of gapsMs) expect(gapMs).toBeGreaterThanOrEqual(10_000);
  expect(samples.at(-1)).toMatchObject({ generation: 1, records: visits.length });
});

test("nothing is written down unless it is asked for", async () => {
  expect((await samplesOfMinute({})).samples).toEqual([]);
});

test("a store that is busy costs a sample, and no round", async () => {
  const lines: string[] = [];
  const { end, samples } = await samplesOfMinute(
    { sampleEveryMs: 10_000 },
    ({ control, telemetry }) => ({
      control: {
        ...control,
        put: async (row, condition) => {
          if (!row.partition.endsWith("#samples")) return await control.put(row, condition);
          throw storeError("store-throttled", { message: "Busy.", next: "Wait.", retryable: true });
        },
      },
      telemetry: { ...telemetry, log: (_, message) => void lines.push(message) },
    }),
  );
  expect(end).toBe("deadline");
  expect(samples).toEqual([]);
  expect(new Set(lines)).toEqual(new Set(["a sample was not written"]));
});
