import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readManifest } from "../../runtime/checkpoint/manifest.ts";
import { readGeneration } from "../../runtime/job/generation.ts";
import { objectNames } from "../../runtime/layout/names.ts";
import { readSavepoint } from "../../runtime/savepoints/read-savepoint.ts";
import { restore } from "../../runtime/savepoints/restore.ts";
import { stateJson } from "../../runtime/savepoints/state-json.ts";
import { verifySavepoint } from "../../runtime/savepoints/verify-savepoint.ts";
import { goldenFolder, putGolden } from "./golden-savepoint.ts";
import { notes, notesJob, putNotes } from "./notes-job.ts";
import { driver, rowsOf, slotWorld, type SlotWorld } from "./slot-world.ts";

/** A savepoint that was taken when parts, segments and blocks in flight were at format 2, and its state as it was read then. */
const golden = "savepoint-of-format-2";
const manifest = objectNames.manifest("notes", 1, 1);
const notesBefore = 180;
const savedToMs = 1_007_000;

/** The job's world with its stream as it was when the savepoint was taken, and the savepoint in its store. */
async function worldWithSavepoint(): Promise<SlotWorld> {
  const world = await slotWorld(notesJob, { exchangeShards: 2 });
  await putNotes(world, notes.slice(0, notesBefore));
  await putGolden(world.ports.objects, golden);
  return world;
}

/** The rest of the notes, to the end of the stream; answers what the tables hold then. */
async function finished(world: SlotWorld): Promise<Readonly<Record<string, readonly string[]>>> {
  await putNotes(world, notes.slice(notesBefore));
  await world.ports.admin.endStream("notes");
  const environment = world.environment();
  const pick = () => environment;
  const generation = (await readGeneration(world.ports, "notes"))!;
  await driver({ world, pick }).untilEnded(world.coordinator(pick, 0, generation));
  return {
    kept: await rowsOf(world.ports, "kept"),
    fifths: await rowsOf(world.ports, "fifths"),
    // Windows that had fired before the savepoint are not written again.
    openSeconds: (await rowsOf(world.ports, "seconds")).filter(
      (row) => (JSON.parse(row) as { startMs: number }).startMs >= savedToMs,
    ),
  };
}

describe("a savepoint of format 2", () => {
  test("is read as it was, but that windows have names now", async () => {
    const { ports } = await worldWithSavepoint();
    const read: string[] = [];
    for await (const row of readSavepoint(ports, await readManifest(ports.objects, manifest)))
      read.push(JSON.stringify(stateJson(row)));
    const expected = readFileSync(join(goldenFolder(golden), "state.jsonl"), "utf8")
      .trimEnd()
      .split("\n");
    expect(read.sort()).toEqual(expected);
  });

  test("is restored with what was in flight, and the job ends as one that was never stopped", async () => {
    const world = await worldWithSavepoint();
    await verifySavepoint(world.ports, manifest, await readManifest(world.ports.objects, manifest));
    const { slots } = await readManifest(world.ports.objects, manifest);
    expect(slots.filter(({ inFlight }) => inFlight !== undefined)).toHaveLength(2);
    await restore({ job: world.runtime, manifest });
    const uninterrupted = await slotWorld(notesJob, { exchangeShards: 2 });
    await putNotes(uninterrupted, notes.slice(0, notesBefore));
    const expected = await finished(uninterrupted);
    expect(expected["openSeconds"]?.length).toBeGreaterThan(30);
    expect(await finished(world)).toEqual(expected);
  });
});
