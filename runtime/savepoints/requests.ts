import {
  type EpochsRow,
  readEpochs,
  type SavepointRequest,
  writeEpochs,
} from "../checkpoint/epochs.ts";
import { deploymentError, inputError, storeError } from "../errors/millrace-error.ts";
import type { Ports } from "../ports/index.ts";
import { type Generation, readGeneration } from "../job/generation.ts";

export interface AskForSavepoint {
  readonly job: string;
  /** Names the savepoint: 1 to 100 letters, digits, ".", "_" and "-"; unique among those that are asked for. */
  readonly id: string;
  readonly kind: SavepointRequest["kind"];
}

/** Writes that a request may lose to the coordinator before it gives up. */
const attemptsMax = 50;
const askedMax = 100;

/**
 * Asks the coordinator for a savepoint; it is taken once the epoch that is open has ended.
 * @throws MillraceError `savepoint-id-invalid`, `savepoint-exists`, `job-not-running`, `savepoints-too-many`
 */
export async function askForSavepoint(ports: Ports, asked: AskForSavepoint): Promise<Generation> {
  checkId(asked.id);
  const generation = await runningGeneration(ports, asked.job);
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const place = { job: asked.job, generation: generation.generation };
    const read: EpochsRow = await readEpochs(ports, asked.job, place.generation);
    const { requests } = read.epochs;
    if (requests.some(({ id }) => id === asked.id)) throw exists(asked);
    if (requests.filter(({ status }) => status === "asked").length >= askedMax)
      throw tooMany(asked);
    const { id, kind } = asked;
    const request: SavepointRequest = { id, kind, askedMs: ports.clock.nowMs(), status: "asked" };
    const next = { ...read.epochs, requests: [...requests, request] };
    if ((await writeEpochs(ports, place, read, next)) !== undefined) return generation;
  }
  throw storeError("epochs-contended", {
    message: `The epochs of job "${asked.job}" were changed by others ${attemptsMax} times in a row.`,
    next: "Ask again.",
    retryable: true,
  });
}

/** What has become of a request; undefined where the generation has forgotten it. */
export async function savepointRequest(
  ports: Ports,
  job: string,
  { generation, id }: { readonly generation: number; readonly id: string },
): Promise<SavepointRequest | undefined> {
  const { epochs } = await readEpochs(ports, job, generation);
  return epochs.requests.find((request) => request.id === id);
}

/** Requests of the newest generation that have come to nothing, or to nothing yet. */
export async function openRequests(
  ports: Pick<Ports, "control">,
  job: string,
): Promise<readonly SavepointRequest[]> {
  const newest = await readGeneration(ports, job);
  if (newest === undefined) return [];
  const { epochs } = await readEpochs(ports, job, newest.generation);
  return epochs.requests.filter(({ status }) => status !== "complete");
}

/**
 * The generation that lives.
 * @throws MillraceError `job-not-running`
 */
export async function runningGeneration(ports: Ports, job: string): Promise<Generation> {
  const generation = await readGeneration(ports, job);
  if (generation !== undefined && !generation.ended) return generation;
  throw deploymentError("job-not-running", {
    message:
      generation === undefined
        ? `Job "${job}" has not been started here.`
        : `Job "${job}" is not running: generation ${generation.generation} has ${generation.outcome ?? "finished"}.`,
    next: "Look at the job's name and place; what ran before is in `millrace checkpoint list`.",
  });
}

function checkId(id: string): void {
  if (/^[A-Za-z0-9._-]{1,100}$/.test(id)) return;
  throw inputError("savepoint-id-invalid", {
    message: `"${id.slice(0, 120)}" can't name a savepoint: 1 to 100 letters, digits, ".", "_" and "-".`,
    next: "Choose another name, or leave it out.",
  });
}

function exists({ id, job }: AskForSavepoint): Error {
  return inputError("savepoint-exists", {
    message: `A savepoint "${id}" of job "${job}" was asked for before.`,
    next: "Choose another name; `millrace savepoint list` shows those that there are.",
  });
}

function tooMany({ job }: AskForSavepoint): Error {
  return inputError("savepoints-too-many", {
    message: `${askedMax} savepoints of job "${job}" are waiting to be taken.`,
    next: "Look at why epochs don't complete: `millrace checkpoint list`.",
  });
}
