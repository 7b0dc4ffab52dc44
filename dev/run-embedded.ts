import { coordinatorHandler } from "../functions/coordinator.ts";
import { processHandler } from "../functions/process.ts";
import {
  type CoordinatorSettings,
  defaultCoordinatorSettings,
} from "../runtime/coordinator/options.ts";
import { patience } from "../runtime/embedded/patience.ts";
import { isMillraceError } from "../runtime/errors/millrace-error.ts";
import { patientInvoker } from "../runtime/slot/patient-invoker.ts";
import type { SlotInvoker } from "../runtime/ports/index.ts";
import { closeResources } from "../runtime/job/resources.ts";
import type { JobRuntime } from "../runtime/job/job-runtime.ts";
import { ensureGeneration, readGeneration } from "../runtime/job/generation.ts";
import { type EventSourceTuning, startWorker, type WorkerFaults } from "./worker.ts";

export interface EmbeddedRunOptions {
  readonly job: JobRuntime;
  /** Warm environments that serve the slots. Default 2. */
  readonly environments?: number;
  readonly tuning?: Partial<EventSourceTuning>;
  readonly coordinator?: Partial<CoordinatorSettings>;
  /** Starts what serves the slots, where that is not this thread. Default: a worker in this thread. */
  readonly startWorkers?: () => SlotWorkers;
  readonly onError?: (error: unknown) => void;
  readonly faults?: WorkerFaults;
}

/** What serves a job's slots while the coordinator leads. */
export interface SlotWorkers {
  /** Resolves when it was stopped and no batch is under way; rejects when it can't go on. */
  readonly done: Promise<void>;
  stop(): void;
}

export interface EmbeddedRun {
  /**
   * Resolves when the job has ended or was stopped, with which of the two, and nothing runs any more. Rejects when the
   * coordinator or a worker fails for good, as on a store that is damaged.
   */
  readonly done: Promise<"ended" | "stopped">;
  /** Finishes the batches under way, then stops. */
  stop(): void;
}

/** Warm environments of a thread that serves slots. */
export const defaultEnvironments = 2;

export const defaultTuning: EventSourceTuning = {
  batchSize: 2_000,
  exchangeBatchSize: 20,
  batchWindowMs: 0,
  pollMs: 5,
};

/** Embedded, rounds cost next to nothing, and a closed source should be noticed soon. */
const embeddedCoordinator: CoordinatorSettings = {
  ...defaultCoordinatorSettings,
  tickIntervalMs: 25,
  leaseMs: 3_000,
  shardListMs: 100,
  sourceQuietMs: 500,
};

/** One invocation of the coordinator lasts this long; the next one follows at once. */
const coordinatorTurnMs = 60_000;
const restMs = 100;

/**
 * Runs a job in this process until it ends or is stopped: the function handlers of a deployment, over event sources and a
 * coordinator that stand for Lambda's.
 * @throws MillraceError `plan-changed` before anything runs, where the state belongs to another version of the job.
 */
export async function runEmbedded(options: EmbeddedRunOptions): Promise<EmbeddedRun> {
  const { job } = options;
  await ensureGeneration(job);
  let stopped = false;
  const isStopped = (): boolean => stopped;
  const workers = options.startWorkers?.() ?? serveHere(options, isStopped);
  const stop = (): void => {
    stopped = true;
    workers.stop();
  };
  const lead = leadUntilEnd(options, isStopped);
  const served = untilBothEnd(lead.finally(stop), workers.done.finally(stop));
  return { done: closing(job, served), stop };
}

/** What functions use is closed when none of them runs any more. */
async function closing<End>(job: JobRuntime, served: Promise<End>): Promise<End> {
  try {
    return await served;
  } finally {
    await closeResources(job);
  }
}

function serveHere(options: EmbeddedRunOptions, isStopped: () => boolean): SlotWorkers {
  const { done } = startWorker({
    job: options.job,
    index: 0,
    count: 1,
    environments: options.environments ?? defaultEnvironments,
    tuning: { ...defaultTuning, ...options.tuning },
    isStopped,
    ...(options.onError === undefined ? {} : { onError: options.onError }),
    ...(options.faults === undefined ? {} : { faults: options.faults }),
  });
  return { done, stop: () => {} };
}

/** Waits for the slower of the two even where the other one fails: nothing may outlive the run. */
async function untilBothEnd<End>(lead: Promise<End>, served: Promise<void>): Promise<End> {
  const [end, service] = await Promise.allSettled([lead, served]);
  if (service.status === "rejected") throw service.reason;
  if (end.status === "rejected") throw end.reason;
  return end.value;
}

/** Starts the coordinator again and again, as the minute rule does, until the job has ended. */
async function leadUntilEnd(
  options: EmbeddedRunOptions,
  isStopped: () => boolean,
): Promise<"ended" | "stopped"> {
  const { job } = options;
  const { clock } = job.ports;
  const direct = directInvoker(job);
  const handler = coordinatorHandler({
    job,
    invoker: patientInvoker(job, direct),
    settings: { ...embeddedCoordinator, ...options.coordinator },
    isStopped: () => isStopped() || direct.failure !== undefined,
  });
  while (!isStopped()) {
    const startMs = clock.nowMs();
    try {
      await handler(
        {},
        { getRemainingTimeInMillis: () => startMs + coordinatorTurnMs - clock.nowMs() },
      );
    } catch (thrown) {
      // As on Lambda, the next minute's coordinator goes on.
      if (!isMillraceError(thrown) || !thrown.retryable) throw thrown;
      options.onError?.(thrown);
    }
    if (direct.failure !== undefined) throw direct.failure.thrown;
    if ((await readGeneration(job.ports, job.plan.job))?.ended === true) return "ended";
    if (!isStopped()) await clock.sleep(restMs);
  }
  return "stopped";
}

interface DirectInvoker extends SlotInvoker {
  /** A slot that can't go on, whoever invokes it. */
  failure: { readonly thrown: unknown } | undefined;
}

/** Serves what the coordinator invokes, in an environment of its own. */
function directInvoker(job: JobRuntime): DirectInvoker {
  const handle = processHandler(job);
  const { isOver, reset } = patience();
  const invoker: DirectInvoker = {
    failure: undefined,
    invoke: async (invocation) => {
      const place = `${invocation.stream}/${invocation.shardId}`;
      try {
        await handle({ millrace: invocation });
        reset(place);
      } catch (thrown) {
        if (isOver(place, thrown)) invoker.failure ??= { thrown };
        throw thrown;
      }
    },
  };
  return invoker;
}
