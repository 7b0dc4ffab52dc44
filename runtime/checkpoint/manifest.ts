import { stateError } from "../errors/millrace-error.ts";
import { objectNames, objectPrefixes } from "../layout/names.ts";
import type { Plan } from "../plan/plan.ts";
import type { ObjectStore, Ports } from "../ports/index.ts";
import { verified, withChecksum } from "../serde/checked-json.ts";
import type { HashRange } from "../serde/hash-space.ts";
import type { InFlightRef, PartRef, SegmentRef } from "./part.ts";
import type { StagedRef } from "./staged.ts";

/** The newest format of manifests that this code writes and reads. */
export const manifestFormat = 3;
/** From this format on, manifests carry a checksum of what they say. */
const checkedFormat = 2;

/**
 * A complete epoch: everything that a restore needs, by reference. JSON, readable, and documented in docs/checkpoints.md.
 * It is written with "only if absent", so that an epoch is complete or expired and never both (docs/protocol.md 6.4).
 */
export interface Manifest {
  readonly format: number;
  readonly status: "complete";
  readonly job: string;
  readonly generation: number;
  readonly epoch: number;
  /** Name of the savepoint; absent for a checkpoint. */
  readonly savepoint?: string;
  /** The job was stopped with it: nothing was sent behind it. */
  readonly stopped: boolean;
  /** Its sources had reported their ends: it can be read, not restored. */
  readonly drained: boolean;
  readonly openedMs: number;
  readonly completedMs: number;
  /** When the generation was published: where sources that start from "latest" began. */
  readonly publishedMs: number;
  /** Bytes of state that were written for it, and all that it refers to. */
  readonly newBytes: number;
  readonly totalBytes: number;
  /** The plan that the state belongs to. */
  readonly plan: Plan;
  /** Physical name of the exchange stream. */
  readonly exchangeStream: string;
  /** They tile the hash space of each stream exactly. */
  readonly slots: readonly ManifestSlot[];
}

export interface ManifestSlot {
  readonly slot: string;
  readonly stream: string;
  readonly shardId: string;
  readonly range: HashRange;
  /** Version of the cut's commit. */
  readonly version: number;
  /** Last sequence number that was taken; absent where there was none. */
  readonly sequence?: string;
  /** Elements of that record that were taken; absent for all. */
  readonly elements?: number;
  /** By stage: milliseconds since 1970, "none" before the first element, "end" at the end. */
  readonly watermarks: Readonly<Record<string, number | "none" | "end">>;
  readonly records: number;
  readonly stateBytes: number;
  readonly keys: number;
  readonly part: PartRef;
  readonly segments: readonly SegmentRef[];
  readonly inFlight?: InFlightRef;
  /** What becomes visible with the epoch, where there is anything; an epoch before may have made it visible already. */
  readonly staged?: readonly StagedRef[];
}

/** An epoch that was given up: it stands where the manifest would, so that nobody completes it later. */
export interface Tombstone {
  readonly format: number;
  readonly status: "expired";
  readonly job: string;
  readonly generation: number;
  readonly epoch: number;
  readonly expiredMs: number;
  readonly reason: string;
}

/** Writes a manifest or a tombstone unless the epoch has one, and answers the one that stands. */
export async function putManifest<T extends Manifest | Tombstone>(
  ports: Pick<Ports, "objects">,
  content: T,
): Promise<Manifest | Tombstone> {
  const key = objectNames.manifest(content.job, content.generation, content.epoch);
  const checked = content.format < checkedFormat ? content : withChecksum(content);
  const data = new TextEncoder().encode(`${JSON.stringify(checked, null, 2)}\n`);
  if (await ports.objects.put(key, data, { ifAbsent: true })) return content;
  return (await readManifestOrTombstone(ports.objects, key)) ?? content;
}

/**
 * Reads a complete epoch.
 * @throws MillraceError `manifest-missing`, `epoch-expired`, `format-unknown`, `format-corrupt`
 */
export async function readManifest(objects: ObjectStore, key: string): Promise<Manifest> {
  const found = await readManifestOrTombstone(objects, key);
  if (found === undefined) {
    throw stateError("manifest-missing", {
      message: `There is no manifest "${key}" in the object store.`,
      next: "List what there is with `millrace checkpoint list` and `millrace savepoint list`.",
    });
  }
  if (found.status === "complete") return found;
  throw stateError("epoch-expired", {
    message: `Epoch ${found.epoch} of job "${found.job}" never completed: ${found.reason}`,
    next: "Restore another one: `millrace checkpoint list` shows those that are complete.",
  });
}

export async function readManifestOrTombstone(
  objects: Pick<ObjectStore, "get">,
  key: string,
): Promise<Manifest | Tombstone | undefined> {
  const data = await objects.get(key);
  if (data === undefined) return undefined;
  let content: Partial<Omit<Manifest, "status"> & { readonly status: string }> | null;
  try {
    content = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data)) as Manifest | null;
  } catch (thrown) {
    throw corrupt(key, `it is not JSON (${(thrown as Error).message})`);
  }
  const format = content?.format;
  if (typeof format !== "number" || !(format >= 1)) throw corrupt(key, "it has no format");
  if (format > manifestFormat) {
    throw stateError("format-unknown", {
      message: `Manifest "${key}" has format ${format}, and this version reads up to ${manifestFormat}.`,
      next: "Use a version of Millrace at least as new as the one that wrote it.",
    });
  }
  if (format >= checkedFormat) content = verified(content as object) ?? null;
  if (content === null) throw corrupt(key, "its checksum is another one");
  if (content?.status === "expired") return content as Tombstone;
  if (content?.status !== "complete" || !Array.isArray(content.slots) || content.plan === undefined)
    throw corrupt(key, "it lacks what every manifest has");
  return content as Manifest;
}

/** Every epoch of a job that was completed or given up, all generations, in ascending order. */
export async function listManifests(
  ports: Pick<Ports, "objects">,
  job: string,
): Promise<readonly (Manifest | Tombstone)[]> {
  const found: (Manifest | Tombstone)[] = [];
  for await (const key of ports.objects.list(objectPrefixes.manifests(job))) {
    const manifest = await readManifestOrTombstone(ports.objects, key);
    if (manifest !== undefined) found.push(manifest);
  }
  return found.toSorted(
    (left, right) => left.generation - right.generation || left.epoch - right.epoch,
  );
}

function corrupt(key: string, what: string): Error {
  return stateError("format-corrupt", {
    message: `Manifest "${key}" can't be read: ${what}.`,
    next: "Restore the object's previous version, or use another checkpoint.",
  });
}
