import { readEpochs } from "../checkpoint/epochs.ts";
import {
  type Manifest,
  readManifest,
  readManifestOrTombstone,
  type Tombstone,
} from "../checkpoint/manifest.ts";
import { isMillraceError, messageOf } from "../errors/millrace-error.ts";
import { objectNames, objectPrefixes, placeOfManifest } from "../layout/names.ts";
import type { ObjectStore, Ports } from "../ports/index.ts";
import { readGeneration } from "../job/generation.ts";

/** One epoch of a job, as a list shows it. */
export interface CheckpointEntry {
  readonly job: string;
  readonly generation: number;
  readonly epoch: number;
  /** "open" is still being taken; "unreadable" has a manifest that is damaged or of a newer format. */
  readonly status: "open" | "complete" | "expired" | "unreadable";
  /** Key of the manifest; there is none yet where it is open. */
  readonly manifest?: string;
  /** Its name, where it is a savepoint. */
  readonly savepoint?: string;
  readonly stopped: boolean;
  readonly drained: boolean;
  readonly openedMs?: number;
  /** When it was completed or given up. */
  readonly endedMs?: number;
  readonly durationMs?: number;
  /** Since it ended, or was opened where it has not. */
  readonly ageMs?: number;
  readonly newBytes?: number;
  readonly totalBytes?: number;
  readonly slots?: number;
  /** Why it expired or can't be read. */
  readonly reason?: string;
}

type ListPorts = Pick<Ports, "objects" | "control" | "clock">;

/** Manifests that are read at once. */
const readsAtOnce = 16;

/** Every epoch of a job that there is something about, all generations, oldest first. */
export async function listCheckpoints(
  ports: ListPorts,
  job: string,
): Promise<readonly CheckpointEntry[]> {
  const nowMs = ports.clock.nowMs();
  const entries: CheckpointEntry[] = [];
  const keys = await manifestKeys(ports.objects, job);
  for (let at = 0; at < keys.length; at += readsAtOnce) {
    const some = keys.slice(at, at + readsAtOnce);
    entries.push(...(await Promise.all(some.map((key) => entryAt(ports, key, nowMs)))));
  }
  const open = await openEntry(ports, job, nowMs);
  const isListed = (one: CheckpointEntry): boolean =>
    entries.some((entry) => entry.generation === one.generation && entry.epoch === one.epoch);
  if (open !== undefined && !isListed(open)) entries.push(open);
  return entries.toSorted(
    (left, right) => left.generation - right.generation || left.epoch - right.epoch,
  );
}

/** One checkpoint with all that its manifest says. */
export interface CheckpointDescription {
  readonly entry: CheckpointEntry;
  readonly manifest: Manifest;
}

/**
 * What a complete epoch consists of.
 * @throws MillraceError `manifest-missing`, `epoch-expired`, `format-unknown`, `format-corrupt`
 */
export async function describeCheckpoint(
  ports: Pick<Ports, "objects" | "clock">,
  key: string,
): Promise<CheckpointDescription> {
  const manifest = await readManifest(ports.objects, key);
  return { entry: entryOf(key, manifest, ports.clock.nowMs()), manifest };
}

async function manifestKeys(
  objects: Pick<ObjectStore, "list">,
  job: string,
): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const key of objects.list(objectPrefixes.manifests(job)))
    if (placeOfManifest(key) !== undefined) keys.push(key);
  return keys;
}

async function entryAt(
  { objects }: ListPorts,
  key: string,
  nowMs: number,
): Promise<CheckpointEntry> {
  const place = placeOfManifest(key)!;
  try {
    const found = await readManifestOrTombstone(objects, key);
    if (found !== undefined) return entryOf(key, found, nowMs);
    return { ...place, ...unnamed, status: "unreadable", manifest: key, reason: "It is gone." };
  } catch (thrown) {
    // One that can't be read must not hide the others; a store that fails is another matter.
    if (!isMillraceError(thrown) || thrown.domain !== "state") throw thrown;
    return { ...place, ...unnamed, status: "unreadable", manifest: key, reason: messageOf(thrown) };
  }
}

const unnamed = { stopped: false, drained: false };

function entryOf(key: string, found: Manifest | Tombstone, nowMs: number): CheckpointEntry {
  const { job, generation, epoch } = found;
  const place = { job, generation, epoch, manifest: key };
  if (found.status === "expired") {
    const { expiredMs: endedMs, reason } = found;
    return { ...place, ...unnamed, status: "expired", endedMs, ageMs: nowMs - endedMs, reason };
  }
  const { savepoint, stopped, drained, openedMs, completedMs, newBytes, totalBytes } = found;
  return {
    ...place,
    status: "complete",
    ...(savepoint === undefined ? {} : { savepoint }),
    stopped,
    drained,
    openedMs,
    endedMs: completedMs,
    durationMs: completedMs - openedMs,
    ageMs: nowMs - completedMs,
    newBytes,
    totalBytes,
    slots: found.slots.length,
  };
}

/** The epoch that is being taken now. */
async function openEntry(
  ports: ListPorts,
  job: string,
  nowMs: number,
): Promise<CheckpointEntry | undefined> {
  const living = await readGeneration(ports, job);
  if (living === undefined || living.ended) return undefined;
  const { epochs } = await readEpochs(ports, job, living.generation);
  const { newest, stopping, draining } = epochs;
  if (newest?.status !== "open") return undefined;
  const { number, openedMs, savepoint } = newest;
  return {
    job,
    generation: living.generation,
    epoch: number,
    status: "open",
    ...(savepoint === undefined ? {} : { savepoint }),
    stopped: stopping,
    drained: draining,
    openedMs,
    ageMs: nowMs - openedMs,
  };
}

/** How people name an epoch: `<generation>/<epoch>`. */
export function shortName({
  generation,
  epoch,
}: Pick<CheckpointEntry, "generation" | "epoch">): string {
  return `${generation}/${epoch}`;
}

/** The manifest's key of an epoch that people name by its numbers. */
export function keyOfShortName(job: string, text: string): string | undefined {
  const [, generation, epoch] = /^(\d{1,9})\/(\d{1,10})$/.exec(text) ?? [];
  if (generation === undefined || epoch === undefined) return undefined;
  return objectNames.manifest(job, Number(generation), Number(epoch));
}
