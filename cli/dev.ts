import { join } from "node:path";
import { bundleJob } from "../bundle/index.ts";
import {
  type EmbeddedRun,
  loadBundle,
  type OpenedJobBundle,
  openJobBundle,
  type WrittenRows,
} from "../dev/index.ts";
import { lockFolder } from "../dev/folder-lock.ts";
import { temporaryFolder } from "../dev/temporary-folder.ts";
import { placeOfManifest } from "../runtime/layout/names.ts";
import { shortName } from "../runtime/savepoints/index.ts";
import { refusedInputs } from "../runtime/job/refused-input.ts";
import { readGeneration } from "../runtime/job/generation.ts";
import { reporting } from "./answer.ts";
import type { DevGiven } from "./commands/dev.ts";
import { checkPort } from "./free-port.ts";
import { type DevConsole, devConsole } from "./dev-console.ts";
import { type DevOptions, devOptions } from "./dev-options.ts";
import { checkInputFiles, checkInputStreams, feedInputs } from "./inputs.ts";
import { deadLettersExitCode } from "./exit-codes.ts";
import { refuseFailing } from "./failing-run.ts";
import { jobProgress, readJobProgress } from "../runtime/observe/job-progress.ts";
import { jsonView } from "./json-view.ts";
import { plainView } from "./plain-view.ts";
import type { ProgressView, RunEnd, RunStart } from "./progress-view.ts";
import { sinkResults } from "./sink-results.ts";
import { printToStandardError } from "./print-to-standard-error.ts";
import { refuseEnded, withWayOn } from "./run-before.ts";
import { type ShownRows, shownRows } from "./shown-rows.ts";
import { tablesInFolder } from "../runtime/embedded/tables-in-folder.ts";
import { interruptedExitCode, onStopSignals } from "./stop-signals.ts";
import { terminalView } from "./terminal-view.ts";
import { overwrittenRows } from "./warnings/overwritten-rows.ts";
import type { RunSample } from "./warnings/run-sample.ts";
import { type Watch, watchProgress } from "./watch-progress.ts";

/** `millrace dev`: bundles a job as a deployment does, and runs it here until it ends or is stopped. Answers the exit code. */
export async function devCommand(given: DevGiven): Promise<number> {
  const options = devOptions(given);
  checkInputFiles(options.inputs);
  const view = viewFor(options);
  const rows = shownRows(options.show);
  const release = printToStandardError();
  try {
    return await reporting(options.json, async () => {
      const lock = options.dir === undefined ? undefined : lockFolder(options.dir);
      try {
        return await runJob(options, { view, rows });
      } finally {
        lock?.release();
      }
    });
  } finally {
    release();
  }
}

function viewFor({ json }: DevOptions): ProgressView {
  if (json) return jsonView(process.stdout);
  return process.stdout.isTTY ? terminalView(process.stdout) : plainView(process.stdout);
}

/** What is shown of a run. */
interface Shown {
  readonly view: ProgressView;
  readonly rows: ShownRows;
}

interface ShownWithConsole extends Shown {
  readonly console: DevConsole;
}

async function runJob(options: DevOptions, shown: Shown): Promise<number> {
  const opened = await openJob(options, shown);
  try {
    checkInputStreams(options.inputs, opened);
    refuseEnded(opened);
    if (options.consolePort !== undefined) await checkPort(options.consolePort);
    const console = devConsole(opened.dir, options, shown.view);
    try {
      return await runToEnd(opened, options, { ...shown, console });
    } finally {
      await console.close();
    }
  } finally {
    opened.close();
  }
}

async function openJob(options: DevOptions, { view, rows }: Shown): Promise<OpenedJobBundle> {
  const { jobFile, dir, name, workers, sourceShards, exchangeShards } = options;
  const bundle = name === undefined ? "job.mjs" : `job-${encodeURIComponent(name)}.mjs`;
  // Worker threads read the bundle, and traces lead through it: it goes when the process exits.
  const outfile = join(dir ?? temporaryFolder("bundle"), bundle);
  const named = name === undefined ? {} : { name };
  const { file } = bundleJob({ entry: jobFile, kind: "embedded", outfile, ...named });
  try {
    const onRows = await rowListener(file, options, { view, rows });
    return await openJobBundle({
      bundleFile: file,
      ...(dir === undefined ? {} : { dir }),
      workers,
      shards: { source: sourceShards, exchange: exchangeShards },
      onReport: (report) =>
        report.kind === "printed" ? view.printed(report.message) : view.report(report),
      ...(onRows === undefined ? {} : { onRows }),
    });
  } catch (thrown) {
    throw await withWayOn(thrown, options, file);
  }
}

/** Who wants to know what is written; undefined where nobody does. */
async function rowListener(
  bundleFile: string,
  { show }: DevOptions,
  { view, rows }: Shown,
): Promise<((written: WrittenRows) => void) | undefined> {
  const overwritten = overwrittenRows((await loadBundle(bundleFile)).plan);
  if (overwritten === undefined) return show > 0 ? rows.add : undefined;
  let isSaid = false;
  return (written) => {
    if (show > 0) rows.add(written);
    const warning = isSaid ? undefined : overwritten(written);
    if (warning === undefined) return;
    isSaid = true;
    view.report({ kind: "warning", ...warning });
  };
}

async function runToEnd(
  opened: OpenedJobBundle,
  options: DevOptions,
  { view, rows, console }: ShownWithConsole,
): Promise<number> {
  const start = startOf(opened, options.workers);
  view.start(start);
  const { clock } = opened.ports;
  const startMs = clock.nowMs();
  const run = await opened.run();
  const feeding = new AbortController();
  const stop = (): void => {
    feeding.abort();
    run.stop();
  };
  let isInterrupted = false;
  const release = onStopSignals(() => {
    isInterrupted = true;
    view.note("stopping after the batches under way; once more stops at once");
    stop();
  });
  const onSample = async (sample: RunSample): Promise<void> => {
    if (!options.allowsDeadLetters) await refuseFailing(opened, sample, start.before?.progress);
  };
  const { end, refused } = await untilOver(opened, {
    options,
    view,
    rows,
    console,
    run,
    stop,
    feeding,
    onSample,
  });
  release();
  const progress = await readJobProgress(opened.ports, opened.plan, opened.generation);
  const outcome = await outcomeOf(opened);
  const bySlots = progress.deadLetters - (await refusedInputs(opened.ports, opened.plan.job));
  const deadLettersOfRun = bySlots - (start.before?.progress.deadLetters ?? 0) + refused;
  const rowsOf = new Map(tablesInFolder(opened.dir).map(({ table, rows }) => [table, rows]));
  view.end({
    end,
    ...(outcome === undefined ? {} : { outcome }),
    progress,
    recordsOfRun: progress.records - (start.before?.progress.records ?? 0),
    elapsedMs: clock.nowMs() - startMs,
    sinks: sinkResults(opened.plan, progress, rowsOf),
    deadLettersOfRun,
    resumable: options.dir !== undefined,
  });
  if (isInterrupted && end === "stopped") return interruptedExitCode;
  return deadLettersOfRun > 0 && !options.allowsDeadLetters ? deadLettersExitCode : 0;
}

/** How somebody else ended the job meanwhile, if anybody did. */
async function outcomeOf({ ports, plan }: OpenedJobBundle): Promise<RunEnd["outcome"]> {
  const generation = await readGeneration(ports, plan.job);
  if (generation?.outcome !== "stopped" && generation?.outcome !== "cancelled") return undefined;
  const { outcome: how, savepoint } = generation;
  const place = savepoint === undefined ? undefined : placeOfManifest(savepoint);
  return { how, ...(place === undefined ? {} : { savepoint: shortName(place) }) };
}

interface Running extends ShownWithConsole, Pick<Watch, "onSample"> {
  readonly options: DevOptions;
  readonly run: EmbeddedRun;
  readonly stop: () => void;
  readonly feeding: AbortController;
}

/** Runs, feeds and shows; whichever of them fails stops the others, and none outlives this. */
async function untilOver(opened: OpenedJobBundle, running: Running): Promise<Over> {
  const { options, view, rows, console, run, stop, feeding } = running;
  const stopAll = (thrown: unknown): never => {
    stop();
    throw thrown;
  };
  const [end, fed, watched, served] = await Promise.allSettled([
    run.done.finally(() => feeding.abort()),
    feedInputs(opened, { options, view, signal: feeding.signal }).catch(stopAll),
    watchProgress(opened, {
      view,
      rows,
      isFed: options.inputs.length > 0,
      onSample: running.onSample,
      over: run.done,
    }).catch(stopAll),
    // A run that is over waits for no console.
    Promise.race([console.ready.catch(stopAll), run.done.catch(() => {})]),
  ]);
  if (end.status === "rejected") throw end.reason;
  if (fed.status === "rejected") throw fed.reason;
  if (watched.status === "rejected") throw watched.reason;
  if (served.status === "rejected") throw served.reason;
  return { end: end.value, refused: fed.value };
}

interface Over {
  readonly end: RunEnd["end"];
  /** Documents of inputs that can't become records. */
  readonly refused: number;
}

function startOf(opened: OpenedJobBundle, workers: number): RunStart {
  const { plan, ports, dir, generation, before } = opened;
  const start = { job: plan.job, generation, dir, workers };
  const resumed = before?.slots.filter(({ version, sealed }) => version > 0 && !sealed) ?? [];
  if (before === undefined || resumed.length === 0) return start;
  return {
    ...start,
    before: {
      progress: jobProgress(plan, before.slots, ports.clock.nowMs()),
      slots: resumed.map(({ slot, version, counters, stateBytes }) => ({
        slot,
        version,
        records: counters.records,
        stateBytes,
      })),
    },
  };
}
