import type { SavepointRequest } from "../checkpoint/epochs.ts";
import { stateError, storeError } from "../errors/millrace-error.ts";
import type { Ports } from "../ports/index.ts";
import { endGeneration, type Generation, readGeneration } from "../job/generation.ts";
import { askForSavepoint, runningGeneration, savepointRequest } from "./requests.ts";

export interface TakeSavepoint {
  readonly job: string;
  /** Names the savepoint. Default: made of the kind and the time. */
  readonly id?: string;
  readonly kind: SavepointRequest["kind"];
}

export interface WaitOptions {
  /** After this long the wait is given up; the request stands. Default: 300,000 ms. */
  readonly timeoutMs?: number;
  /** Between two looks. Default: 250 ms. */
  readonly pollMs?: number;
}

export interface TakenSavepoint {
  readonly id: string;
  readonly generation: number;
  /** Key of its manifest. */
  readonly manifest: string;
}

/**
 * Asks for a savepoint and waits until it is there; for a stop or a drain also until the job has ended.
 * @throws MillraceError what asking throws, `savepoint-failed`, `savepoint-timeout`
 */
export async function takeSavepoint(
  ports: Ports,
  { job, kind, id = savepointNameFor(ports, kind) }: TakeSavepoint,
  { timeoutMs = 300_000, pollMs = 250 }: WaitOptions = {},
): Promise<TakenSavepoint> {
  const { generation } = await askForSavepoint(ports, { job, id, kind });
  const untilMs = ports.clock.nowMs() + timeoutMs;
  for (;;) {
    // In this order: what an ended generation has not taken it never will.
    const living = await readGeneration(ports, job);
    const request = await savepointRequest(ports, job, { generation, id });
    const isOver = living?.ended !== false || living.generation !== generation;
    if (request?.status === "failed") throw failed({ job, id }, request.reason);
    if (request?.manifest !== undefined && (isOver || kind === "savepoint"))
      return { id, generation, manifest: request.manifest };
    if (isOver) throw failed({ job, id }, reasonOf(generation, living));
    if (ports.clock.nowMs() >= untilMs) throw timedOut({ job, id, timeoutMs });
    await ports.clock.sleep(pollMs);
  }
}

/**
 * Ends the generation that lives, without a savepoint: no batch is processed any more. What a job wants to become of its
 * checkpoints then (`onCancel`) stands in the generation's row, and garbage collection keeps it.
 * @throws MillraceError `job-not-running`
 */
export async function cancelJob(ports: Ports, job: string): Promise<Generation> {
  for (;;) {
    const generation = await runningGeneration(ports, job);
    if (await endGeneration(ports, job, generation, { outcome: "cancelled" })) return generation;
  }
}

export function savepointNameFor({ clock, random }: Ports, kind: SavepointRequest["kind"]): string {
  const time = new Date(clock.nowMs()).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  return `${kind}-${time.replace("T", "-")}-${random.id().slice(-4)}`;
}

function reasonOf(generation: number, living: Generation | undefined): string {
  if (living === undefined || living.generation === generation)
    return `generation ${generation} has ${living?.outcome ?? "finished"} before it was taken.`;
  return `generation ${generation} was replaced by generation ${living.generation} before it was taken.`;
}

function failed({ job, id }: { job: string; id: string }, reason = "its epoch expired."): Error {
  return stateError("savepoint-failed", {
    message: `Savepoint "${id}" of job "${job}" was not taken: ${reason}`,
    next: "Ask again under another name; if epochs keep expiring, look at `millrace checkpoint list` and at the checkpoints' timeout.",
  });
}

function timedOut(about: { job: string; id: string; timeoutMs: number }): Error {
  const { job, id, timeoutMs } = about;
  return storeError("savepoint-timeout", {
    message: `Savepoint "${id}" of job "${job}" was not complete after ${timeoutMs / 1_000} s. The request stands: it is taken as soon as the job can.`,
    next: "See whether the job runs at all; `millrace savepoint list` shows what becomes of the request.",
    retryable: true,
  });
}
