import { describe, expect, test } from "vitest";
import { readManifest } from "../../../runtime/checkpoint/manifest.ts";
import { memoryObjectStore } from "../../../runtime/embedded/memory-object-store.ts";
import type { Ports } from "../../../runtime/ports/index.ts";
import {
  copySavepoint,
  readSavepoint,
  restore,
  verifySavepoint,
} from "../../../runtime/savepoints/index.ts";
import type { SlotWorld } from "../../integration/slot-world.ts";
import { manifest, withEpoch } from "./with-epoch.ts";

/** Somebody who sleeps between the manifest and the parts that it names: they are garbage when he wakes up. */
function sleeperOf(world: SlotWorld, meanwhile: () => Promise<unknown>): Ports {
  const { objects } = world.ports;
  let sleeps = true;
  return {
    ...world.ports,
    objects: {
      ...objects,
      get: async (key) => {
        if (!key.includes("/parts/")) return await objects.get(key);
        if (sleeps) await meanwhile();
        sleeps = false;
        return undefined;
      },
    },
  };
}

const readers: Readonly<Record<string, (world: SlotWorld, ports: Ports) => Promise<unknown>>> = {
  "a restore": ({ runtime }, ports) => restore({ job: { ...runtime, ports }, manifest }),
  "a verification": async (_, ports) =>
    verifySavepoint(ports, manifest, await readManifest(ports.objects, manifest)),
  "a copy": ({ ports: { objects } }, ports) =>
    copySavepoint(
      // What it verifies is there; what it copies then is not.
      { ...ports, objects: { ...ports.objects, get: secondTime(objects, ports.objects) } },
      { manifest, to: async () => ({ objects: memoryObjectStore() }) },
    ),
  "a reader": async (_, ports) => {
    for await (const row of readSavepoint(ports, await readManifest(ports.objects, manifest)))
      void row;
  },
};

function secondTime(whole: Ports["objects"], sleeper: Ports["objects"]): Ports["objects"]["get"] {
  const seen = new Set<string>();
  return async (key) => {
    if (seen.has(key)) return await sleeper.get(key);
    seen.add(key);
    return await whole.get(key);
  };
}

describe.each(Object.entries(readers))("%s that finds a part missing", (_, read) => {
  test("says that the epoch is gone where retention has taken it meanwhile", async () => {
    const world = await withEpoch();
    const ports = sleeperOf(world, () => world.ports.objects.delete([manifest]));
    await expect(read(world, ports)).rejects.toMatchObject({ code: "manifest-missing" });
  });

  test("calls it damage where the manifest stands", async () => {
    const world = await withEpoch();
    const ports = sleeperOf(world, async () => undefined);
    await expect(read(world, ports)).rejects.toMatchObject({ code: "part-missing" });
  });
});

test("a restore that another one has overtaken says so, and not that objects are gone", async () => {
  const world = await withEpoch();
  const ports = sleeperOf(world, () => restore({ job: world.runtime, manifest }));
  await expect(restore({ job: { ...world.runtime, ports }, manifest })).rejects.toMatchObject({
    code: "restore-overtaken",
    retryable: true,
  });
});
