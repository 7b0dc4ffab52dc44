import type { OpenedJobBundle } from "../dev/index.ts";
import { isMillraceError } from "../runtime/errors/millrace-error.ts";
import { readJobProgress } from "../runtime/observe/job-progress.ts";
import type { ProgressView } from "./progress-view.ts";
import { rateMeter } from "./rate-meter.ts";
import type { ShownRows } from "./shown-rows.ts";

const pollMs = 500;

/** Shows progress twice a second until the run is over. */
export async function watchProgress(
  opened: OpenedJobBundle,
  { view, rows, over }: Watch,
): Promise<void> {
  const { ports, plan, generation } = opened;
  const first = await readJobProgress(ports, plan, generation);
  const rates = rateMeter(first);
  let isOver = false;
  const end = over.finally(() => (isOver = true)).catch(() => {});
  for (;;) {
    await Promise.race([end, ports.clock.sleep(pollMs)]);
    const written = rows.take();
    if (written.length > 0) view.rows(written);
    if (isOver) return;
    try {
      const progress = await readJobProgress(ports, plan, generation);
      view.progress(progress, rates(progress), progress.atMs - first.atMs);
    } catch (thrown) {
      // A busy store costs this sample.
      if (!isMillraceError(thrown) || !thrown.retryable) throw thrown;
    }
  }
}

export interface Watch {
  readonly view: ProgressView;
  readonly rows: ShownRows;
  /** The run's end; how it ends is someone else's business. */
  readonly over: Promise<unknown>;
}
