import { expect, test } from "vitest";
import type { Manifest } from "../../../runtime/checkpoint/manifest.ts";
import { memoryPorts } from "../../../runtime/embedded/ports.ts";
import { heldManifests, holdManifest } from "../../../runtime/savepoints/hold.ts";
import { manualClock } from "../../integration/slot-world.ts";

const key = "j/manifests/1/0000000001.json";
const manifest = { job: "j", generation: 1, epoch: 1 } as Manifest;

// protocol 6.8: a collection that deletes the manifest looks for holds afterwards: whoever finds it there is seen.
test("a manifest is held before anybody looks whether it is there", async () => {
  const ports = memoryPorts();
  const heldWhenRead: string[] = [];
  const found = await holdManifest(ports, key, async () => {
    heldWhenRead.push(...(await heldManifests(ports, "j")));
    return manifest;
  });
  expect(found).toBe(manifest);
  expect(heldWhenRead).toEqual([key]);
});

test("a hold ends by itself, whatever became of whoever held", async () => {
  const clock = manualClock();
  const ports = memoryPorts({ clock });
  await holdManifest(ports, key, async () => manifest);
  clock.advance(3_599_999);
  expect([...(await heldManifests(ports, "j"))]).toEqual([key]);
  clock.advance(1);
  expect([...(await heldManifests(ports, "j"))]).toEqual([]);
});
