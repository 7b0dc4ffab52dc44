import { type ProcessHandler, processHandler } from "../functions/process.ts";
import { type EnvironmentPool, environmentPool } from "../runtime/embedded/environment-pool.ts";
import { controlCheckpoints } from "../runtime/embedded/control-checkpoints.ts";
import { type EventSourceFaults, runEventSource } from "../runtime/embedded/event-source.ts";
import type { JobRuntime } from "../runtime/job/job-runtime.ts";
import { mappedStreamsOf } from "../runtime/job/feeds.ts";
import { pullSlots } from "./pull-slots.ts";
import { untilAllEnd } from "./until-all-end.ts";

export interface WorkerOptions {
  readonly job: JobRuntime;
  /** This worker serves the shards whose number falls on `index` of `count`. */
  readonly index: number;
  readonly count: number;
  /** Warm environments of this worker, each with caches of its own. */
  readonly environments: number;
  readonly tuning: EventSourceTuning;
  readonly isStopped: () => boolean;
  readonly onError?: (error: unknown) => void;
  readonly faults?: WorkerFaults;
}

export interface EventSourceTuning {
  /** Records of a batch from a source stream, and of one from the exchange (frames hold many elements). */
  readonly batchSize: number;
  readonly exchangeBatchSize: number;
  readonly batchWindowMs: number;
  readonly pollMs: number;
}

export interface WorkerFaults extends EventSourceFaults {
  /** Chance that a batch goes to an environment other than the last one. */
  readonly stray: number;
}

/** What an embedded run does without being asked: stale images are part of every day. */
const everydayStray = 0.1;

export interface Worker {
  readonly pool: EnvironmentPool<ProcessHandler>;
  /** Resolves when it was stopped and no invocation is under way; rejects, when none is, where a shard can't go on. */
  readonly done: Promise<void>;
}

/** Serves a part of a job's shards: event sources that invoke the process function in warm environments. */
export function startWorker(options: WorkerOptions): Worker {
  const { job, tuning, faults } = options;
  const pool = environmentPool({
    count: options.environments,
    create: () => processHandler(job),
    random: job.ports.random,
    strayChance: faults?.stray ?? everydayStray,
  });
  let hasFailed = false;
  const isStopped = (): boolean => hasFailed || options.isStopped();
  const accepts = (splitId: string): boolean =>
    splitNumber(splitId) % options.count === options.index;
  const onError = options.onError === undefined ? {} : { onError: options.onError };
  const sources = mappedStreamsOf(job.plan, job.names).map((stream) =>
    runEventSource({
      stream,
      reader: job.ports.reader,
      clock: job.ports.clock,
      random: job.ports.random,
      invoke: (event, shardId) => pool.run(shardId, (handler) => handler(event)),
      batchSize: stream === job.names.exchangeStream ? tuning.exchangeBatchSize : tuning.batchSize,
      batchWindowMs: tuning.batchWindowMs,
      pollMs: tuning.pollMs,
      checkpoints: controlCheckpoints(job.ports.control, job.plan.job, stream),
      accepts,
      isStopped,
      ...onError,
      ...(faults === undefined ? {} : { faults }),
    }),
  );
  const pulled = pullSlots({
    job,
    invoke: (invocation) =>
      pool.run(invocation.shardId, (handler) => handler({ millrace: invocation })),
    pollMs: tuning.pollMs,
    accepts,
    isStopped,
    ...onError,
  });
  const failing = [...sources, pulled].map((service) =>
    service.catch((thrown: unknown) => {
      hasFailed = true;
      throw thrown;
    }),
  );
  return { pool, done: untilAllEnd(failing) };
}

/** Embedded shards are numbered, `shardId-000000000012`, and so are most splits; of others their letters tell. */
function splitNumber(splitId: string): number {
  const [digits] = /\d+$/.exec(splitId) ?? [];
  if (digits !== undefined) return Number(digits);
  let sum = 0;
  for (let at = 0; at < splitId.length; at++) sum += splitId.charCodeAt(at);
  return sum;
}
