import { type Manifest, putManifest, readManifest } from "../checkpoint/manifest.ts";
import { isCommitted } from "../checkpoint/staged.ts";
import { deploymentError, stateError, storeError } from "../errors/millrace-error.ts";
import type { ObjectStore, Ports } from "../ports/index.ts";
import { readGeneration } from "../job/generation.ts";
import { sameBytes } from "../serde/same-bytes.ts";
import { committing } from "./commit-again.ts";
import { damageOrGone } from "./damage-or-gone.ts";
import { holdManifest } from "./hold.ts";
import { objectsOf, verifySavepoint } from "./verify-savepoint.ts";

export interface CopySavepoint {
  /** Key of its manifest. */
  readonly manifest: string;
  /** Opens the other store: called once all of the savepoint has been verified. */
  readonly to: () => Promise<CopyTarget>;
}

/** Another store: another bucket, account, folder or prefix. Keys stay as they are. */
export interface CopyTarget {
  readonly objects: ObjectStore;
  /** Its job table, where it can be reached: a job that may write over the copy is then noticed. */
  readonly control?: Ports["control"];
}

export interface CopiedSavepoint {
  readonly manifest: string;
  /** Objects that were written, and those that were there already with the same content. */
  readonly written: number;
  readonly present: number;
  readonly bytes: number;
}

/**
 * Copies an epoch and all that it refers to. Everything is verified before anything is written, each copy is read back, and the
 * manifest is put last: what is listed there is whole. A copy that was cut off can be made again.
 * @throws MillraceError what verifying throws, `copy-conflict`, `copy-unreadable`
 */
export async function copySavepoint(
  ports: Ports,
  { manifest: key, to: open }: CopySavepoint,
): Promise<CopiedSavepoint> {
  const manifest = await readManifest(ports.objects, key);
  await verifySavepoint(ports, key, manifest);
  // protocol 6.9: where it is copied to there is nobody who could make it visible.
  if (!(await isCommitted(ports, manifest))) throw committing(manifest);
  const to = await open();
  await refuseConflicts(to, key, manifest);
  await holdManifest(ports, key, () => readManifest(ports.objects, key));
  const total = { written: 0, present: 0, bytes: 0 };
  for (const name of objectsOf(manifest)) {
    const { isNew, bytes } = await copyObject(ports.objects, to.objects, name).catch(
      damageOrGone(ports.objects, key),
    );
    total[isNew ? "written" : "present"] += 1;
    total.bytes += bytes;
  }
  const standing = await putManifest<Manifest>({ objects: to.objects }, manifest);
  if (!sameManifest(standing, manifest)) throw conflict(key, "another epoch of this name is there");
  return { manifest: key, ...total };
}

async function copyObject(
  from: ObjectStore,
  to: ObjectStore,
  name: string,
): Promise<{ readonly isNew: boolean; readonly bytes: number }> {
  const data = await from.get(name);
  if (data === undefined) {
    throw stateError("part-missing", {
      message: `Object "${name}" of the savepoint went while it was being copied.`,
      next: "Objects of a job must not be deleted by anything but Millrace; copy another savepoint.",
    });
  }
  const there = await to.get(name);
  if (there !== undefined && sameBytes(there, data)) return { isNew: false, bytes: data.length };
  // Names of objects are never used twice: anything else under this one is a copy that was damaged.
  await to.put(name, data);
  const back = await to.get(name);
  if (back !== undefined && sameBytes(back, data)) return { isNew: true, bytes: data.length };
  throw storeError("copy-unreadable", {
    message: `Object "${name}" was written to the other store and did not read back as it was.`,
    next: "Copy again; if it happens again, look at what else writes there.",
    retryable: true,
  });
}

/** Epochs of a job are found by their numbers: two stores in which it lived may have given one number twice. */
async function refuseConflicts(
  { objects, control }: CopyTarget,
  key: string,
  manifest: Manifest,
): Promise<void> {
  const standing = await objects.get(key);
  if (standing !== undefined) {
    const same = sameManifest(await readManifest(objects, key).catch(() => undefined), manifest);
    if (!same) throw conflict(key, "another epoch of this name is there");
    return;
  }
  const living =
    control === undefined ? undefined : await readGeneration({ control }, manifest.job);
  if (living?.generation === manifest.generation && !living.ended)
    throw conflict(
      key,
      `generation ${living.generation} of job "${manifest.job}" runs there, and will come to an epoch of this name`,
    );
}

function sameManifest(one: unknown, other: Manifest): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function conflict(key: string, why: string): Error {
  return deploymentError("copy-conflict", {
    message: `"${key}" was not copied: ${why}.`,
    next: "Copy to an empty folder or bucket, or under another prefix.",
  });
}
