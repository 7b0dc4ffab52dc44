import { batch, type ReadonlySignal, signal } from "@preact/signals";
import type { JobSamplesView, JobSampleView } from "../../../http/schemas/history.ts";
import type { JobStatusView } from "../../../http/schemas/job.ts";
import type { PlanView } from "../../../http/schemas/plan.ts";
import { pathOf, read } from "./client.ts";
import { joined } from "./history.ts";
import { isOffered } from "./offered.ts";
import { ratesOf, type Sample, withSample } from "./rates.ts";
import { type Connection, follow } from "./stream.ts";

/** A job as it is now, and what it was. */
export interface LiveJob {
  readonly job: string;
  readonly connection: ReadonlySignal<Connection>;
  readonly status: ReadonlySignal<JobStatusView | undefined>;
  readonly plan: ReadonlySignal<PlanView | undefined>;
  /** Per second: "records" that sources take, and what each operator receives, by its name. */
  readonly rates: ReadonlySignal<Readonly<Record<string, number>>>;
  /** The oldest first. */
  readonly samples: ReadonlySignal<readonly JobSampleView[]>;
  /** Grows every few seconds while there is news: what is no part of the status is read again then. */
  readonly beat: ReadonlySignal<number>;
  close(): void;
}

const beatMs = 2_000;

/** Follows a job. However often it is told of, the page is drawn once a frame, and by the newest that is known. */
export function liveJob(job: string): LiveJob {
  const connection = signal<Connection>("connecting");
  const status = signal<JobStatusView | undefined>(undefined);
  const plan = signal<PlanView | undefined>(undefined);
  const rates = signal<Readonly<Record<string, number>>>({});
  const samples = signal<readonly JobSampleView[]>([]);
  const beat = signal(0);
  let taken: readonly Sample[] = [];
  let waiting: JobStatusView | undefined;
  let beatAtMs = 0;
  const show = (): void => {
    const next = waiting;
    waiting = undefined;
    if (next === undefined) return;
    taken = withSample(taken, { atMs: next.atMs, totals: totalsOf(next) });
    batch(() => {
      status.value = next;
      rates.value = ratesOf(taken);
      samples.value = joined(samples.value, [sampleOf(next)]);
      if (next.atMs - beatAtMs < beatMs) return;
      beatAtMs = next.atMs;
      beat.value += 1;
    });
  };
  const readPlan = async (): Promise<void> => {
    plan.value = await read<PlanView>(pathOf("jobs", job, "plan"));
  };
  const readSamples = async (): Promise<void> => {
    if (!isOffered("/jobs/{job}/samples")) return;
    const before = await read<JobSamplesView>(`${pathOf("jobs", job, "samples")}?limit=1000`);
    samples.value = joined(before.samples, samples.value);
  };
  // What can't be read yet, because the job has not begun, is read when it is told of.
  const readRest = (): void => void Promise.allSettled([readPlan(), readSamples()]);
  const close = follow<JobStatusView>({
    path: pathOf("jobs", job, "updates"),
    onConnection: (next) => {
      connection.value = next;
      if (next === "live") readRest();
    },
    onMessage: (next) => {
      if (waiting === undefined) requestAnimationFrame(show);
      if (status.value !== undefined && status.value.plan !== next.plan) readRest();
      waiting = next;
    },
  });
  return { job, connection, status, plan, rates, samples, beat, close };
}

const totalsOf = ({ records, operators }: JobStatusView): Readonly<Record<string, number>> => ({
  records,
  ...Object.fromEntries(operators.map(({ name, received }) => [name, received])),
  ...Object.fromEntries(
    operators.flatMap(({ name, metrics = {} }) =>
      Object.entries(metrics).flatMap(([metric, value]) =>
        value.kind === "meter" ? [[rateNameOf(name, metric), value.count]] : [],
      ),
    ),
  ),
});

/** What the rate of an operator's own meter is called by. */
export const rateNameOf = (operator: string, metric: string): string => `${operator} ${metric}`;

function sampleOf(status: JobStatusView): JobSampleView {
  const { atMs, records, commits, deadLetters, stateBytes, keys, exchangeLagMs } = status;
  const { watermarkLagMs, generation = 0 } = status;
  const sums = { atMs, records, commits, deadLetters, stateBytes, keys, exchangeLagMs, generation };
  return watermarkLagMs === undefined ? sums : { ...sums, watermarkLagMs };
}
