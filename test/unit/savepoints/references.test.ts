import { beforeEach, describe, expect, test } from "vitest";
import { writeEpochs } from "../../../runtime/checkpoint/epochs.ts";
import {
  type Manifest,
  putManifest,
  type Tombstone,
} from "../../../runtime/checkpoint/manifest.ts";
import { createStreams, embeddedRuntime } from "../../../runtime/embedded/job-world.ts";
import { memoryPorts } from "../../../runtime/embedded/ports.ts";
import { checkpointing } from "../../../runtime/index.ts";
import { objectNames } from "../../../runtime/layout/names.ts";
import { buildPlan } from "../../../runtime/planner/build-plan.ts";
import {
  cancelJob,
  copySavepoint,
  deleteSavepoint,
  listCheckpoints,
  resolveReference,
  takeSavepoint,
} from "../../../runtime/savepoints/index.ts";
import { holdManifest } from "../../../runtime/savepoints/hold.ts";
import {
  endGeneration,
  ensureGeneration,
  type Generation,
  publishGeneration,
  readGeneration,
} from "../../../runtime/job/generation.ts";
import { countingRandom, manualClock } from "../../integration/slot-world.ts";
import { visitsJob } from "../../integration/visits-job.ts";

function world() {
  const clock = manualClock();
  return { clock, ports: memoryPorts({ clock, random: countingRandom() }) };
}
let { clock, ports } = world();
beforeEach(() => ({ clock, ports } = world()));

const plan = {
  format: 1,
  job: "j",
  fingerprint: "f",
  maxParallelism: 16,
  sources: [],
  stages: [],
  sinks: [],
} as const;

async function complete(generation: number, epoch: number, more: Partial<Manifest> = {}) {
  const manifest: Manifest = {
    format: 1,
    status: "complete",
    job: "j",
    generation,
    epoch,
    stopped: false,
    drained: false,
    openedMs: 900_000,
    completedMs: 950_000,
    publishedMs: 800_000,
    newBytes: 5,
    totalBytes: 9,
    plan,
    exchangeStream: "x",
    slots: [],
    ...more,
  };
  await putManifest<Manifest>(ports, manifest);
  return objectNames.manifest("j", generation, epoch);
}

async function expired(generation: number, epoch: number) {
  const tombstone: Tombstone = {
    format: 1,
    status: "expired",
    job: "j",
    generation,
    epoch,
    expiredMs: 990_000,
    reason: "It was late.",
  };
  await putManifest<Tombstone>(ports, tombstone);
}

async function publish(generation: number, more: Partial<Generation> = {}): Promise<Generation> {
  const row: Generation = {
    generation,
    plan: "f",
    ringSize: 8,
    publishedMs: 1,
    slots: [],
    ended: false,
    ...more,
  };
  await publishGeneration(ports, "j", { after: await readGeneration(ports, "j"), generation: row });
  return row;
}

const resolve = (reference: string): Promise<string> =>
  resolveReference(ports, { job: "j", reference });
const refusal = async (reference: string) => {
  const error = (await resolve(reference).catch((thrown: unknown) => thrown)) as {
    code: string;
    message: string;
  };
  return `${error.code}: ${error.message}`;
};

describe("a list of checkpoints", () => {
  test("shows those of all generations, in order, and the one that is being taken", async () => {
    await complete(2, 1, { savepoint: "s" });
    await complete(1, 10);
    await expired(1, 9);
    await publish(2);
    const newest = { number: 2, status: "open", openedMs: 999_000 } as const;
    await writeEpochs(ports, { job: "j", generation: 2 }, { epochs: never }, { ...never, newest });
    expect(await listCheckpoints(ports, "j")).toMatchObject([
      { generation: 1, epoch: 9, status: "expired", reason: "It was late.", ageMs: 10_000 },
      {
        generation: 1,
        epoch: 10,
        status: "complete",
        durationMs: 50_000,
        ageMs: 50_000,
        newBytes: 5,
        totalBytes: 9,
      },
      { generation: 2, epoch: 1, status: "complete", savepoint: "s" },
      { generation: 2, epoch: 2, status: "open", ageMs: 1_000 },
    ]);
    expect(await listCheckpoints(ports, "other")).toEqual([]);
  });
});

const never = { failures: 0, stopping: false, draining: false, requests: [] };

describe("a reference", () => {
  test("is a savepoint's name, generation and epoch, a manifest's key, or latest", async () => {
    const old = await complete(1, 3, { savepoint: "mine" });
    const young = await complete(2, 1);
    await expired(2, 2);
    expect(await resolve("mine")).toBe(old);
    expect(await resolve("1/3")).toBe(old);
    expect(await resolve(old)).toBe(old);
    expect(await resolve("latest")).toBe(young);
  });

  test("that leads nowhere is refused with what there is", async () => {
    expect(await refusal("latest")).toMatch(/reference-unknown: .*None of its epochs is complete/s);
    await complete(1, 3, { savepoint: "mine" });
    await complete(1, 4);
    expect(await refusal("yours")).toMatch(/There are: mine \(1\/3\), 1\/4\./);
    expect(await refusal("1/5")).toContain("reference-unknown");
  });

  test("with two meanings is refused", async () => {
    await complete(1, 3, { savepoint: "mine" });
    await complete(2, 3, { savepoint: "mine" });
    expect(await refusal("mine")).toMatch(/reference-ambiguous: .*1\/3, 2\/3/s);
    await complete(1, 1, { savepoint: "latest" });
    expect(await refusal("latest")).toMatch(/reference-ambiguous: .*1\/1, 2\/3/s);
  });

  test("to what was asked for and is not there says what became of it", async () => {
    await publish(1);
    const requests = [
      { id: "soon", kind: "savepoint", askedMs: 1, status: "asked" },
      { id: "late", kind: "savepoint", askedMs: 1, status: "failed", reason: "It took too long." },
    ] as const;
    await writeEpochs(
      ports,
      { job: "j", generation: 1 },
      { epochs: never },
      { ...never, requests },
    );
    expect(await refusal("soon")).toContain("asked for and is not complete yet");
    expect(await refusal("late")).toContain("failed: It took too long.");
  });
});

describe("waiting for a savepoint", () => {
  const take = () =>
    takeSavepoint(ports, { job: "j", id: "s", kind: "savepoint" }, { timeoutMs: 5_000 });

  test("ends with a clear error, and the request stands, where nobody takes it", async () => {
    await publish(1);
    await expect(take()).rejects.toMatchObject({ code: "savepoint-timeout", retryable: true });
    await expect(take()).rejects.toMatchObject({ code: "savepoint-exists" });
  });

  test("ends where the generation does", async () => {
    const row = await publish(1);
    const taken = take();
    taken.catch(() => undefined);
    await endGeneration(ports, "j", row, { outcome: "cancelled" });
    await expect(taken).rejects.toMatchObject({
      code: expect.stringMatching(/savepoint-failed|job-not-running/) as string,
    });
  });

  test("of a generation that was replaced fails", async () => {
    await publish(1);
    const replacing = {
      ...ports,
      clock: { ...clock, sleep: async () => void (await publish(2)) },
    };
    await expect(
      takeSavepoint(replacing, { job: "j", id: "s", kind: "stop" }),
    ).rejects.toMatchObject({
      code: "savepoint-failed",
      message: expect.stringContaining("replaced by generation 2") as string,
    });
  });
});

describe("deleting a savepoint", () => {
  const remove = (manifest: string, force = false) => deleteSavepoint(ports, { manifest, force });

  test("is refused while it is all that its job can go back to", async () => {
    const key = await complete(1, 3, { savepoint: "s" });
    await publish(2, { restoredFrom: key });
    await expect(remove(key)).rejects.toMatchObject({ code: "savepoint-in-use" });
    const row = { ...never, completed: 1 };
    await writeEpochs(ports, { job: "j", generation: 2 }, { epochs: never }, row);
    await remove(key);
    expect(await ports.objects.get(key)).toBeUndefined();
  });

  test("is refused where the job was stopped with it, unless somebody insists", async () => {
    const key = await complete(1, 3, { savepoint: "s" });
    await endGeneration(ports, "j", await publish(1), { outcome: "stopped", savepoint: key });
    await expect(remove(key)).rejects.toMatchObject({ code: "savepoint-in-use" });
    await remove(key, true);
    expect(await ports.objects.get(key)).toBeUndefined();
  });

  test("is refused while a restore reads it, and put back where that began in the middle", async () => {
    const key = await complete(1, 3, { savepoint: "s" });
    const data = await ports.objects.get(key);
    const hold = () => holdManifest(ports, key, async () => undefined as never);
    const racing = {
      ...ports,
      objects: {
        ...ports.objects,
        delete: async (names: readonly string[]) => {
          await ports.objects.delete(names);
          await hold();
        },
      },
    };
    await expect(deleteSavepoint(racing, { manifest: key })).rejects.toMatchObject({
      code: "savepoint-in-use",
    });
    expect(await ports.objects.get(key)).toEqual(data);
    await expect(remove(key)).rejects.toMatchObject({ code: "savepoint-in-use" });
    clock.advance(3_600_001);
    await remove(key);
  });

  test("takes savepoints only", async () => {
    await expect(remove(await complete(1, 3))).rejects.toMatchObject({
      code: "savepoint-expected",
    });
  });
});

describe("copying a savepoint", () => {
  test("is refused where another epoch has its name, or will have it", async () => {
    const manifest = await complete(1, 3, { savepoint: "s" });
    const other = world().ports;
    const copy = () => copySavepoint(ports, { manifest, to: async () => other });
    const row = { generation: 1, plan: "f", ringSize: 8, publishedMs: 1, slots: [], ended: false };
    await publishGeneration(other, "j", { after: undefined, generation: row });
    await expect(copy()).rejects.toMatchObject({ code: "copy-conflict" });
    await endGeneration(other, "j", row);
    await copy();
    await copy();
    await other.objects.put(manifest, new TextEncoder().encode("{}"));
    await expect(copy()).rejects.toMatchObject({ code: "copy-conflict" });
  });
});

test("a cancelled generation's row says what its job wants to become of its checkpoints", async () => {
  const { graph } = visitsJob({ checkpoints: checkpointing({ onCancel: "delete" }) });
  await createStreams(buildPlan(graph), ports, { source: 1, exchange: 1 });
  await ensureGeneration(embeddedRuntime({ graph, plan: buildPlan(graph) }, ports));
  await cancelJob(ports, "visits");
  expect(await readGeneration(ports, "visits")).toMatchObject({
    ended: true,
    outcome: "cancelled",
    onCancel: "delete",
  });
  await expect(cancelJob(ports, "visits")).rejects.toMatchObject({ code: "job-not-running" });
});
