import { findRun } from "../http/found-job.ts";
import { isMillraceError } from "../runtime/errors/millrace-error.ts";
import { readGeneration } from "../runtime/job/generation.ts";
import { readJobProgress } from "../runtime/observe/job-progress.ts";
import { reporting } from "./answer.ts";
import type { WatchGiven } from "./commands/watch.ts";
import { jsonView } from "./json-view.ts";
import { jobOfStore, openStore, type OpenStore } from "./open-store.ts";
import { plainView } from "./plain-view.ts";
import type { ProgressView } from "./progress-view.ts";
import { rateMeter } from "./rate-meter.ts";
import { servedStore } from "./served-store.ts";
import { type StopSignal, stopSignal } from "./stop-signals.ts";
import { storeOptions } from "./store-options.ts";
import { terminalView } from "./terminal-view.ts";

const everySeconds = { embedded: 1, aws: 10 } as const;

/** `millrace watch`: shows a job's progress until it is over, or somebody has seen enough. Answers the exit code. */
export async function watchCommand({ values }: WatchGiven): Promise<number> {
  const options = storeOptions(values);
  const everyMs = 1_000 * (values.every ?? everySeconds[options.place.kind]);
  return await reporting(options.json, async () => {
    const store = await openStore(options.place);
    const stop = stopSignal();
    try {
      const job = await jobOfStore(options);
      await watchJob(store, { job, everyMs, view: viewFor(options.json), ...stop });
      return 0;
    } finally {
      stop.release();
      store.close();
    }
  });
}

function viewFor(json: boolean): ProgressView {
  if (json) return jsonView(process.stdout);
  return process.stdout.isTTY ? terminalView(process.stdout) : plainView(process.stdout);
}

interface Watching extends Pick<StopSignal, "signal" | "stopped"> {
  readonly job: string;
  readonly everyMs: number;
  readonly view: ProgressView;
}

async function watchJob(store: OpenStore, watching: Watching): Promise<void> {
  const { job, everyMs, view, signal, stopped } = watching;
  const { ports } = store;
  const { plan, generation } = await findRun(servedStore(store, job), job);
  const look = () => readJobProgress(ports, plan, generation.generation);
  const first = await look();
  const rates = rateMeter(first);
  for (let isFirst = true; ; isFirst = false) {
    try {
      const living = await readGeneration(ports, job);
      const progress = isFirst ? first : await look();
      view.progress(progress, rates(progress), progress.atMs - generation.publishedMs);
      if (living?.generation !== generation.generation || living.ended)
        return view.note(endText(job, generation.generation, living?.outcome));
    } catch (thrown) {
      // A busy store costs this look.
      if (!isMillraceError(thrown) || !thrown.retryable) throw thrown;
    }
    await Promise.race([stopped, ports.clock.sleep(everyMs)]);
    if (signal.aborted) return;
  }
}

const endText = (job: string, generation: number, outcome = "replaced"): string =>
  `generation ${generation} of job ${job} is over: ${outcome}`;
