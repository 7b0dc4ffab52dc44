import {
  createStreams,
  type EmbeddedJob,
  embeddedRuntime,
  type EmbeddedShards,
} from "../runtime/embedded/job-world.ts";
import { durablePorts, type EmbeddedPorts } from "../runtime/embedded/ports.ts";
import { systemHeap } from "../runtime/node/system-heap.ts";
import { deploymentError } from "../runtime/errors/millrace-error.ts";
import type { JobDefinition } from "../runtime/api/job.ts";
import type { Graph } from "../runtime/graph/node.ts";
import type { StateDeclaration } from "../runtime/graph/state-declarations.ts";
import { placeOfManifest } from "../runtime/layout/names.ts";
import type { Plan } from "../runtime/plan/plan.ts";
import { buildPlan } from "../runtime/planner/build-plan.ts";
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
import {
  defaultEnvironments,
  defaultTuning,
  type EmbeddedRun,
  type EmbeddedRunOptions,
  runEmbedded,
} from "./run-embedded.ts";
import type { DeclaredState } from "./declared-state.ts";
import type { QueryableState } from "./queryable-state.ts";
import { statesOf } from "./states-of-job.ts";
import { createReports, recordRun } from "./record-run.ts";
import { reportingTelemetry, reportOfError, type RunReport } from "./run-report.ts";
import { removeTemporaryFolder, temporaryFolder } from "./temporary-folder.ts";
import { threadsOf } from "./worker-messages.ts";
import { watchedTables, type WrittenRows } from "./watched-tables.ts";
import { startWorkerThreads } from "./worker-threads.ts";

export interface OpenJobOptions extends Pick<
  EmbeddedRunOptions,
  "environments" | "tuning" | "coordinator"
> {
  /** Folder of streams, tables and state. Default: a temporary one, removed by `close`. */
  readonly dir?: string;
  /** Shards of streams that do not exist yet. Default: 2 of each source, the greater of 2 and `workers` of the exchange. */
  readonly shards?: Partial<EmbeddedShards>;
  readonly settings?: Partial<SlotSettings>;
  /** Told of failed batches, which are tried again, and of alarms. Default: dropped. */
  readonly onReport?: (report: RunReport) => void;
  /** Told of rows that the job writes into tables. Default: they are not told of. */
  readonly onRows?: (written: WrittenRows) => void;
}

/** Where the job's code lies, for threads that load it themselves. */
export interface WorkersOfBundle {
  /** A bundle of kind "embedded" (see bundleJob). */
  readonly bundleFile: string;
  /** Threads that serve the slots; with 1 it is this thread. */
  readonly workers: number;
}

/** A job with its world on this machine, ready to run. */
export interface OpenedJob {
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
  /**
   * The same by its declaration, with values as the function has them that declares it.
   * @throws MillraceError `state-not-in-job`, `state-kind-differs`
   */
  state<D extends StateDeclaration>(
    operator: string,
    state: string,
    declaration: D,
  ): DeclaredState<D>;
  /** Runs the job, once. @throws MillraceError `job-run-twice`, `job-run-closed` */
  run(): Promise<EmbeddedRun>;
  /** Closes the ports, and removes the folder if it is a temporary one: nothing can be asked any more. A job that runs is stopped first, after the batches under way. */
  close(): void;
}

/**
 * Opens a folder for a job and makes its streams.
 * @throws errors of the planner; `plan-changed` where the folder holds state of another version of it; `job-stopped` where it was stopped or
 *   cancelled.
 */
export async function openJob(
  { graph }: Pick<JobDefinition, "graph">,
  options: OpenJobOptions = {},
): Promise<OpenedJob> {
  return await openLoaded({ graph, plan: buildPlan(graph) }, options);
}

/** The same of a job whose plan was built; with a bundle, threads of their own can serve it. @throws as {@link openJob} */
export async function openLoaded(
  loaded: EmbeddedJob,
  options: OpenJobOptions,
  bundle?: WorkersOfBundle,
): Promise<OpenedJob> {
  const workers = bundle?.workers ?? 1;
  const { shards } = options;
  const reports = createReports();
  const onReport = (report: RunReport): void => {
    reports.tell(report);
    options.onReport?.(report);
  };
  const folder = options.dir === undefined ? goingFolder() : keptFolder(options.dir);
  const ports = durablePorts(folder.dir, {
    telemetry: reportingTelemetry(onReport),
    heap: systemHeap({ threads: threadsOf(workers) }),
  });
  const life = lifeOf(loaded.plan.job, () => {
    ports.close();
    folder.remove();
  });
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
      state: statesOf({ ports, plan, isClosed: life.isClosed }),
      run: () =>
        life.run(async () => {
          await ensureGeneration(job);
          return await recordRun({
            ports,
            job: plan.job,
            generation,
            reports,
            start: () => runOpened({ ...options, bundle, onReport }, job, folder.dir),
          });
        }),
      close: life.close,
    };
  } catch (thrown) {
    life.close();
    throw thrown;
  }
}

/** What is opened is run once, and its world is closed once: behind the run, where that goes on. */
function lifeOf(job: string, closeWorld: () => void) {
  let isClosed = false;
  let running: Promise<EmbeddedRun> | undefined;
  let isOver = true;
  const over = (): void => void (isOver = true);
  return {
    isClosed: () => isClosed,
    async run(start: () => Promise<EmbeddedRun>): Promise<EmbeddedRun> {
      if (running !== undefined) throw runTwice(job);
      if (isClosed) throw runClosed(job);
      isOver = false;
      running = start();
      running.then(({ done }) => done.then(over, over), over);
      return await running;
    },
    close(): void {
      if (isClosed) return;
      isClosed = true;
      if (isOver) closeWorld();
      else void running?.then(stopped, () => undefined).finally(closeWorld);
    },
  };
}

/** Stops a run, and waits until nothing of it runs any more, however it ends: whoever has begun it is told. */
async function stopped({ stop, done }: EmbeddedRun): Promise<void> {
  stop();
  await done.catch(() => undefined);
}

const runClosed = (job: string): Error =>
  deploymentError("job-run-closed", {
    message: `Job "${job}" was closed before it was run.`,
    next: "Open its folder again, and close it when its run is over.",
  });

/** Two at once would do each batch twice, one of them in vain. */
const runTwice = (job: string): Error =>
  deploymentError("job-run-twice", {
    message: `Job "${job}" was run before as it was opened here.`,
    next: "Close it and open its folder again.",
  });

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

interface RunOptions extends OpenJobOptions {
  readonly bundle: WorkersOfBundle | undefined;
  readonly onReport: (report: RunReport) => void;
}

/**
 * The coordinator's thread calls quiet slots itself. A slot that is at work in another thread must not seem quiet: both would
 * do the same batch, and one of them in vain.
 */
const besideThreads = { sourceQuietMs: 1_500 };

function runOpened(options: RunOptions, job: JobRuntime, dir: string): Promise<EmbeddedRun> {
  const { bundle, onReport, onRows, environments = defaultEnvironments } = options;
  const { tuning, coordinator } = options;
  const threads = bundle !== undefined && bundle.workers > 1 ? bundle : undefined;
  const startWorkers =
    threads &&
    (() =>
      startWorkerThreads({
        bundleFile: threads.bundleFile,
        dir,
        count: threads.workers,
        environments,
        tuning: { ...defaultTuning, ...tuning },
        settings: options.settings ?? {},
        onReport,
        ...(onRows && { onRows }),
      }));
  return runEmbedded({
    job,
    environments,
    ...(tuning === undefined ? {} : { tuning }),
    coordinator: { ...(threads && besideThreads), ...coordinator },
    ...(startWorkers && { startWorkers }),
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
