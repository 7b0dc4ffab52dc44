import {
  createStreams,
  embeddedRuntime,
  type EmbeddedShards,
} from "../runtime/embedded/job-world.ts";
import { durablePorts, type EmbeddedPorts } from "../runtime/embedded/ports.ts";
import { systemHeap } from "../runtime/node/system-heap.ts";
import { deploymentError } from "../runtime/errors/millrace-error.ts";
import type { Graph } from "../runtime/graph/node.ts";
import { placeOfManifest } from "../runtime/layout/names.ts";
import type { Plan } from "../runtime/plan/plan.ts";
import { shortName } from "../runtime/savepoints/index.ts";
import {
  checkPlan,
  type Generation,
  ensureGeneration,
  readGeneration,
} from "../runtime/job/generation.ts";
import type { JobRuntime, SlotSettings } from "../runtime/job/job-runtime.ts";
import { listProgress, type SlotProgress } from "../runtime/job/progress.ts";
import { describeJob, writeDescription } from "../runtime/observe/job-description.ts";
import { loadBundle } from "./load-bundle.ts";
import {
  defaultEnvironments,
  defaultTuning,
  type EmbeddedRun,
  type EmbeddedRunOptions,
  runEmbedded,
} from "./run-embedded.ts";
import { queryableState, type QueryableState } from "./queryable-state.ts";
import { createReports, recordRun } from "./record-run.ts";
import { reportingTelemetry, reportOfError, type RunReport } from "./run-report.ts";
import { removeTemporaryFolder, temporaryFolder } from "./temporary-folder.ts";
import { threadsOf } from "./worker-messages.ts";
import { watchedTables, type WrittenRows } from "./watched-tables.ts";
import { startWorkerThreads } from "./worker-threads.ts";

export interface JobBundleOptions extends Pick<
  EmbeddedRunOptions,
  "environments" | "tuning" | "coordinator"
> {
  /** A bundle of kind "embedded" (see bundleJob). */
  readonly bundleFile: string;
  /** Folder of streams, tables and state. Default: a temporary one, removed by `close`. */
  readonly dir?: string;
  /** Threads that serve the slots; with 1 it is this thread. Default 1. */
  readonly workers?: number;
  /** Shards of streams that do not exist yet. Default: 2 of each source, the greater of 2 and `workers` of the exchange. */
  readonly shards?: Partial<EmbeddedShards>;
  readonly settings?: Partial<SlotSettings>;
  /** Told of failed batches, which are tried again, and of alarms. Default: dropped. */
  readonly onReport?: (report: RunReport) => void;
  /** Told of rows that the job writes into tables. Default: they are not told of. */
  readonly onRows?: (written: WrittenRows) => void;
}

/** A bundled job with its world on this machine, ready to run. */
export interface OpenedJobBundle {
  readonly graph: Graph;
  readonly plan: Plan;
  readonly ports: EmbeddedPorts;
  readonly dir: string;
  /** The generation that runs. */
  readonly generation: number;
  /** What an earlier run left behind; absent where the job has not run in this folder yet. */
  readonly before?: { readonly ended: boolean; readonly slots: readonly SlotProgress[] };
  /**
   * A state of the job while it runs: what an operator, by its uid, keeps for a key.
   * @throws MillraceError `state-not-in-job`
   */
  state(operator: string, state: string): QueryableState;
  /** Runs the job, once. */
  run(): Promise<EmbeddedRun>;
  /** Closes the ports, and removes the folder if it is a temporary one. */
  close(): void;
}

/**
 * Loads a bundled job, opens its folder and makes its streams.
 * @throws errors of loading the job and of the planner; `plan-changed` where the folder holds state of another version of it;
 *   `job-stopped` where it was stopped or cancelled.
 */
export async function openJobBundle(options: JobBundleOptions): Promise<OpenedJobBundle> {
  const { workers = 1, shards } = options;
  const reports = createReports();
  const onReport = (report: RunReport): void => {
    reports.tell(report);
    options.onReport?.(report);
  };
  const loaded = await loadBundle(options.bundleFile);
  const folder = options.dir === undefined ? goingFolder() : keptFolder(options.dir);
  const ports = durablePorts(folder.dir, {
    telemetry: reportingTelemetry(onReport),
    heap: systemHeap({ threads: threadsOf(workers) }),
  });
  const close = (): void => {
    ports.close();
    folder.remove();
  };
  try {
    const { plan } = loaded;
    const found = await readGeneration(ports, plan.job);
    if (found !== undefined) refuseStopped(found, plan.job);
    const generation = found === undefined ? 1 : checkPlan(found, plan).generation;
    const exchange = Math.max(2, workers);
    await createStreams(plan, ports, { source: 2, exchange, ...shards });
    await writeDescription(ports, describeJob(loaded.graph, plan));
    const { onRows } = options;
    const tables = onRows === undefined ? ports.tables : watchedTables(ports.tables, onRows);
    const job = embeddedRuntime(loaded, { ...ports, tables }, options.settings);
    return {
      graph: loaded.graph,
      plan,
      ports,
      dir: folder.dir,
      generation,
      ...(found === undefined ? {} : { before: await beforeOf(found, plan, ports) }),
      state: (operator, state) => queryableState({ ports, plan }, { operator, state }),
      run: async () => {
        await ensureGeneration(job);
        return await recordRun({
          ports,
          job: plan.job,
          generation,
          reports,
          start: () => runOpened({ ...options, workers, onReport }, job, folder.dir),
        });
      },
      close,
    };
  } catch (thrown) {
    close();
    throw thrown;
  }
}

/** A generation that was stopped is over: what follows is another one, made out of a checkpoint. */
function refuseStopped({ generation, outcome, savepoint }: Generation, job: string): void {
  if (outcome !== "stopped" && outcome !== "cancelled") return;
  const place = savepoint === undefined ? undefined : placeOfManifest(savepoint);
  const name = place === undefined ? "latest" : shortName(place);
  throw deploymentError("job-stopped", {
    message: `Job "${job}" was ${outcome}: its generation ${generation} takes nothing any more${place === undefined ? "" : `, and its state is in savepoint ${name}`}.`,
    next: `Go on from there with \`millrace restore ${name} <job.ts> --dir <folder>\`, then run it again; or start anew in another folder.`,
  });
}

async function beforeOf({ generation, ended }: Generation, { job }: Plan, ports: EmbeddedPorts) {
  return { ended, slots: await listProgress(ports, { job, generation }) };
}

type RunOptions = JobBundleOptions & Required<Pick<JobBundleOptions, "workers" | "onReport">>;

/**
 * The coordinator's thread calls quiet slots itself. A slot that is at work in another thread must not seem quiet: both would
 * do the same batch, and one of them in vain.
 */
const besideThreads = { sourceQuietMs: 1_500 };

function runOpened(options: RunOptions, job: JobRuntime, dir: string): Promise<EmbeddedRun> {
  const { workers, onReport, onRows, environments = defaultEnvironments } = options;
  const { tuning, coordinator } = options;
  const startWorkers = () =>
    startWorkerThreads({
      bundleFile: options.bundleFile,
      dir,
      count: workers,
      environments,
      tuning: { ...defaultTuning, ...tuning },
      settings: options.settings ?? {},
      onReport,
      ...(onRows && { onRows }),
    });
  return runEmbedded({
    job,
    environments,
    ...(tuning === undefined ? {} : { tuning }),
    coordinator: { ...(workers > 1 ? besideThreads : {}), ...coordinator },
    ...(workers > 1 ? { startWorkers } : {}),
    onError: (thrown) => onReport(reportOfError(thrown)),
  });
}

interface Folder {
  readonly dir: string;
  remove(): void;
}

const keptFolder = (dir: string): Folder => ({ dir, remove: () => {} });

/** Goes with the process, however that exits, or before. */
function goingFolder(): Folder {
  const dir = temporaryFolder("run");
  return { dir, remove: () => removeTemporaryFolder(dir) };
}
