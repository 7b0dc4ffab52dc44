import { messageOf } from "../runtime/errors/millrace-error.ts";
import type { GenerationPlace } from "../runtime/layout/names.ts";
import { type History, recordHistory } from "../runtime/observe/history.ts";
import type { Ports } from "../runtime/ports/index.ts";
import type { EmbeddedRun } from "./run-embedded.ts";
import type { RunReport } from "./run-report.ts";

/** Between two looks whether it is time for a sample, or the run is over. */
const lookMs = 250;

export interface RecordedRun extends GenerationPlace {
  readonly ports: Pick<Ports, "control" | "clock">;
  readonly start: () => Promise<EmbeddedRun>;
  /** What is told of the run so far, and from now on. */
  readonly reports: Reports;
}

/** Runs a job, and writes down beside its state what happens to it: whoever looks later finds it there. */
export async function recordRun({
  ports,
  start,
  reports,
  ...place
}: RecordedRun): Promise<EmbeddedRun> {
  // Nothing runs yet: where the store can't be read nothing is left behind that nobody stops.
  const history = await recordHistory(ports, place);
  const run = await start();
  reports.follow((report) => noteReport(history, report));
  return { ...run, done: untilRecorded(run.done, history, ports) };
}

async function untilRecorded(
  done: EmbeddedRun["done"],
  history: History,
  { clock }: Pick<Ports, "clock">,
): EmbeddedRun["done"] {
  let isOver = false;
  const over = done.catch(() => {}).finally(() => (isOver = true));
  const record = async (): Promise<void> => {
    while (!isOver) {
      await Promise.race([over, clock.sleep(lookMs)]);
      await history.tick();
    }
  };
  const [end, recorded] = await Promise.allSettled([done, record()]);
  if (end.status === "rejected") {
    history.note({ kind: "stopped", text: `the run failed: ${messageOf(end.reason)}` });
    // The job's own error is what is told, whether the store takes this or not.
    await history.close().catch(() => {});
    throw end.reason;
  }
  if (recorded.status === "rejected") throw recorded.reason;
  const how = end.value;
  history.note(
    how === "ended"
      ? { kind: "ended", text: "the job has ended" }
      : { kind: "stopped", text: "the process that ran the job was stopped" },
  );
  await history.close();
  return how;
}

/** Reports, of which whoever follows late hears those that were before. */
export interface Reports {
  readonly tell: (report: RunReport) => void;
  readonly follow: (listener: (report: RunReport) => void) => void;
}

const waitingMax = 100;

export function createReports(): Reports {
  const waiting: RunReport[] = [];
  let listener: ((report: RunReport) => void) | undefined;
  return {
    tell: (report) => {
      if (listener !== undefined) listener(report);
      else if (waiting.length < waitingMax) waiting.push(report);
    },
    follow: (next) => {
      listener = next;
      for (const report of waiting.splice(0)) next(report);
    },
  };
}

function noteReport(history: History, { kind, code, message }: RunReport): void {
  if (kind !== "printed") history.note({ kind, code, text: message });
}
