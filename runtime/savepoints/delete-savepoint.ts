import { readManifest } from "../checkpoint/manifest.ts";
import { readEpochs } from "../checkpoint/epochs.ts";
import { deploymentError, inputError } from "../errors/millrace-error.ts";
import type { Ports } from "../ports/index.ts";
import { readGeneration } from "../job/generation.ts";
import { heldManifests } from "./hold.ts";

export interface DeleteSavepoint {
  /** Key of its manifest. */
  readonly manifest: string;
  /** Deletes it although it is in use. Default: false. */
  readonly force?: boolean;
}

/**
 * Deletes a savepoint: its manifest. What only that referred to goes with the next garbage collection. A savepoint stays while
 * a restore reads it, and while it is the only thing that its job can go back to: the one that the job was stopped with, or was
 * restored from without having completed an epoch since.
 * @throws MillraceError `savepoint-in-use`, `savepoint-expected`, and what reading the manifest throws
 */
export async function deleteSavepoint(
  ports: Ports,
  { manifest: key, force = false }: DeleteSavepoint,
): Promise<void> {
  const { job, savepoint, generation, epoch } = await readManifest(ports.objects, key);
  if (savepoint === undefined) {
    throw inputError("savepoint-expected", {
      message: `Epoch ${generation}/${epoch} of job "${job}" is a checkpoint, not a savepoint.`,
      next: "Checkpoints go by themselves: the job's option `checkpoints.retain` says how many are kept.",
    });
  }
  if (force) return ports.objects.delete([key]);
  const use = (await useOf(ports, job, key)) ?? (await readersOf(ports, job, key));
  if (use !== undefined) throw inUse(savepoint, use);
  const data = await ports.objects.get(key);
  await ports.objects.delete([key]);
  // protocol 6.8: a hold that came in between was written before its writer looked for the manifest.
  const reader = await readersOf(ports, job, key);
  if (reader === undefined || data === undefined) return;
  await ports.objects.put(key, data, { ifAbsent: true });
  throw inUse(savepoint, reader);
}

async function useOf(ports: Ports, job: string, key: string): Promise<string | undefined> {
  const newest = await readGeneration(ports, job);
  if (newest === undefined) return undefined;
  if (newest.ended)
    return newest.savepoint === key ? `job "${job}" was stopped with it` : undefined;
  if (newest.restoredFrom !== key) return undefined;
  const { epochs } = await readEpochs(ports, job, newest.generation);
  return epochs.completed === undefined
    ? `generation ${newest.generation} of job "${job}" was restored from it and has not completed an epoch yet`
    : undefined;
}

async function readersOf(ports: Ports, job: string, key: string): Promise<string | undefined> {
  return (await heldManifests(ports, job)).has(key)
    ? "a restore or a copy has begun to read it within the last hour"
    : undefined;
}

function inUse(savepoint: string, use: string): Error {
  return deploymentError("savepoint-in-use", {
    message: `Savepoint "${savepoint}" was not deleted: ${use}.`,
    next: "Delete it later, when there is something newer to go back to, or insist: `millrace savepoint delete --force`.",
  });
}
