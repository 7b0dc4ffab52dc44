import { beforeEach, describe, expect, test } from "vitest";
import { listManifests, readManifest } from "../../runtime/checkpoint/manifest.ts";
import { windowOfName } from "../../runtime/graph/window-name.ts";
import { readGeneration } from "../../runtime/job/generation.ts";
import { objectNames } from "../../runtime/layout/names.ts";
import { readSavepoint } from "../../runtime/savepoints/read-savepoint.ts";
import { askForSavepoint } from "../../runtime/savepoints/requests.ts";
import { restore } from "../../runtime/savepoints/restore.ts";
import type { StateRow } from "../../runtime/savepoints/state-row.ts";
import { verifySavepoint } from "../../runtime/savepoints/verify-savepoint.ts";
import { putGolden } from "./golden-savepoint.ts";
import { putRides, rides, ridesJob } from "./rides-job.ts";
import { driver, rowsOf, slotWorld, type SlotWorld } from "./slot-world.ts";

const ridesBefore = 240;
/** The watermark of the savepoint, and the longest lateness of the job's windows. */
const savedToMs = 1_024_459;
const latenessMs = 3_000;

async function started(): Promise<SlotWorld> {
  const world = await slotWorld(ridesJob, { exchangeShards: 2 });
  await putRides(world, rides.slice(0, ridesBefore));
  return world;
}

/** Late for windows that have fired, and only taken by those that wait for such. */
const lateRides = rides.slice(0, 5).map((ride) => ({ ...ride, atMs: savedToMs - 1_700 }));

/** What runs the job's newest generation. */
async function runnerOf(world: SlotWorld) {
  const environment = world.environment();
  const pick = () => environment;
  const generation = (await readGeneration(world.ports, "rides"))!;
  const [feed, round] = [driver({ world, pick }), world.coordinator(pick, 0, generation)];
  const rounds = async (): Promise<void> => {
    for (let rounded = 0; rounded < 20; rounded++) {
      await feed.pump();
      world.clock.advance(300);
      await round();
    }
  };
  return { feed, round, rounds };
}

/** Late rides and the rest, to the end of the stream; answers what the tables hold then. */
async function finished(world: SlotWorld): Promise<readonly string[]> {
  await putRides(world, [...lateRides, ...rides.slice(ridesBefore)]);
  await world.ports.admin.endStream("rides");
  const { feed, round } = await runnerOf(world);
  await feed.untilEnded(round);
  const rows: string[] = [];
  for (const table of ["tumbling", "sliding", "sessions", "listed"])
    for (const row of await rowsOf(world.ports, table)) rows.push(`${table} ${row}`);
  return rows;
}

/** What a savepoint holds that is taken now. */
async function savedState(world: SlotWorld) {
  const { rounds } = await runnerOf(world);
  await rounds();
  await askForSavepoint(world.ports, { job: "rides", id: "later", kind: "savepoint" });
  await rounds();
  const [taken] = (await listManifests(world.ports, "rides")).filter(
    (found) => found.status === "complete" && found.savepoint === "later",
  );
  const name = objectNames.manifest("rides", taken!.generation, taken!.epoch);
  const manifest = await readManifest(world.ports.objects, name);
  const rows: StateRow[] = [];
  for await (const row of readSavepoint(world.ports, manifest)) rows.push(row);
  return { rows, watermarkMs: Number(manifest.slots[0]!.watermarks["tumbling"]) };
}

/** Taken when windows were kept under their start alone, as they were in format 3 of segments. */
describe("a savepoint of windows without names", () => {
  let world: SlotWorld;
  beforeEach(async () => {
    world = await started();
    await putGolden(world.ports.objects, "savepoint-of-format-3");
    const manifest = objectNames.manifest("rides", 1, 1);
    await verifySavepoint(world.ports, manifest, await readManifest(world.ports.objects, manifest));
    await restore({ job: world.runtime, manifest });
  });

  test("is restored: its windows fire, grow and are corrected as those of a job that was never stopped", async () => {
    const rows = await finished(world);
    const other = await started();
    await (await runnerOf(other)).rounds();
    const uninterrupted = await finished(other);
    const isOpen = (row: string) =>
      (JSON.parse(row.slice(row.indexOf(" "))) as { endMs: number }).endMs > savedToMs;
    expect(rows.filter(isOpen)).toEqual(uninterrupted.filter(isOpen));
    expect(rows.filter(isOpen).length).toBeGreaterThan(100);
    // What had fired before is written again only where it is corrected.
    const corrected = rows.filter((row) => !isOpen(row));
    expect(corrected.length).toBeGreaterThan(0);
    expect(corrected.filter((row) => !uninterrupted.includes(row))).toEqual([]);
  });

  test("leaves no window behind: what is over is gone, although it was kept under another name", async () => {
    await putRides(world, rides.slice(ridesBefore));
    const { rows, watermarkMs } = await savedState(world);
    expect(watermarkMs).toBeGreaterThan(savedToMs + 10_000);
    const windows = rows.filter(({ state }) => state !== "elements");
    expect(windows.length).toBeGreaterThan(10);
    for (const { mapKey, value } of windows) {
      const { endMs = windowOfName(mapKey as string).endMs } = value as { endMs?: number };
      expect(endMs + latenessMs, mapKey as string).toBeGreaterThan(watermarkMs);
    }
  });
});
