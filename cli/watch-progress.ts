import type { OpenedJobBundle } from "../dev/index.ts";
import { isMillraceError } from "../runtime/errors/millrace-error.ts";
import { listProgress } from "../runtime/job/progress.ts";
import { jobProgress } from "../runtime/observe/job-progress.ts";
import type { ProgressView } from "./progress-view.ts";
import { rateMeter } from "./rate-meter.ts";
import type { ShownRows } from "./shown-rows.ts";
import type { RunSample } from "./warnings/run-sample.ts";
import { runWarnings } from "./warnings/run-warnings.ts";

const pollMs = 500;

/** Shows progress twice a second until the run is over, and warns of what seems not to be meant. */
export async function watchProgress(opened: OpenedJobBundle, watch: Watch): Promise<void> {
  const { ports } = opened;
  const { view, rows, over, onSample } = watch;
  const look = looker(opened, watch);
  const warnings = runWarnings();
  let isOver = false;
  const first = await look(0, false);
  const rates = rateMeter(first.progress);
  const end = over.finally(() => (isOver = true)).catch(() => {});
  for (;;) {
    await Promise.race([end, ports.clock.sleep(pollMs)]);
    const written = rows.take();
    if (written.length > 0) view.rows(written);
    const wasOver = isOver;
    try {
      const sample = await look(first.progress.atMs, wasOver);
      if (!wasOver) view.progress(sample.progress, rates(sample.progress), sample.elapsedMs);
      for (const warning of warnings(sample)) view.report({ kind: "warning", ...warning });
      await onSample(sample);
    } catch (thrown) {
      // A busy store costs this sample.
      if (!isMillraceError(thrown) || !thrown.retryable) throw thrown;
    }
    if (wasOver) return;
  }
}

function looker({ ports, plan, generation }: OpenedJobBundle, { isFed }: Watch) {
  return async (startMs: number, isOver: boolean): Promise<RunSample> => {
    const slots = await listProgress(ports, { job: plan.job, generation });
    const progress = jobProgress(plan, slots, ports.clock.nowMs());
    return { plan, progress, slots, elapsedMs: progress.atMs - startMs, isFed, isOver };
  };
}

export interface Watch {
  readonly view: ProgressView;
  readonly rows: ShownRows;
  readonly isFed: boolean;
  /** Told of each look at the run; what it throws ends the run. */
  readonly onSample: (sample: RunSample) => Promise<void>;
  /** The run's end; how it ends is someone else's business. */
  readonly over: Promise<unknown>;
}
