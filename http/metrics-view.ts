import { describeCheckpoint } from "../runtime/savepoints/index.ts";
import { objectNames } from "../runtime/layout/names.ts";
import type { Measured, Metric } from "./prometheus-text.ts";
import type { JobStatusView, OperatorProgressView } from "./schemas/job.ts";
import type { ServedStore } from "./served-store.ts";
import { statusView } from "./status-view.ts";

/** A job as its metrics show it. */
interface MeasuredJob {
  readonly status: JobStatusView;
  /** The newest complete one that is still there. */
  readonly checkpoint?: { readonly durationMs: number; readonly bytes: number };
}

/** Metrics of all jobs; where Flink has one, it has Flink's name. */
export async function metricsOf(store: ServedStore): Promise<readonly Metric[]> {
  const jobs: MeasuredJob[] = [];
  for (const job of await store.jobs()) {
    const status = await statusView(store, job);
    const checkpoint = await newestCheckpoint(store, status);
    jobs.push({ status, ...(checkpoint && { checkpoint }) });
  }
  return [...jobMetrics(jobs), ...operatorMetrics(jobs), ...slotMetrics(jobs)];
}

async function newestCheckpoint(
  { ports }: ServedStore,
  { job, generation, epochs: { completed } }: JobStatusView,
): Promise<MeasuredJob["checkpoint"]> {
  if (generation === undefined || completed === undefined) return undefined;
  const key = objectNames.manifest(job, generation, completed);
  // It may have been deleted since: what is not there is not measured.
  if ((await ports.objects.get(key)) === undefined) return undefined;
  const { entry } = await describeCheckpoint(ports, key);
  return { durationMs: entry.durationMs ?? 0, bytes: entry.totalBytes ?? 0 };
}

type JobMetric = readonly [
  name: string,
  type: Metric["type"],
  help: string,
  value: (job: MeasuredJob) => number | undefined,
];

const ofJob: readonly JobMetric[] = [
  [
    "running",
    "gauge",
    "1 while the job runs, else 0.",
    ({ status: { state } }) =>
      Number(state === "running" || state === "stopping" || state === "draining"),
  ],
  [
    "uptime",
    "gauge",
    "Milliseconds since the generation began; of a job that runs.",
    ({ status: { state, atMs, publishedMs } }) =>
      state === "running" && publishedMs !== undefined ? atMs - publishedMs : undefined,
  ],
  ["numRecordsIn", "counter", "Records that sources have taken.", ({ status }) => status.records],
  ["commits", "counter", "Commits of all slots.", ({ status }) => status.commits],
  ["deadLetters", "counter", "What could not be processed.", ({ status }) => status.deadLetters],
  [
    "supersededRows",
    "counter",
    "Writes of rows that found a newer one in place.",
    ({ status }) => status.supersededRows,
  ],
  ["stateBytes", "gauge", "State, encoded.", ({ status }) => status.stateBytes],
  ["keys", "gauge", "Keys that have state.", ({ status }) => status.keys],
  [
    "watermarkLag",
    "gauge",
    "Milliseconds that the slowest watermark is behind the clock.",
    ({ status }) => status.watermarkLagMs,
  ],
  [
    "exchangeLag",
    "gauge",
    "Milliseconds that the exchange is behind.",
    ({ status }) => status.exchangeLagMs,
  ],
  [
    "ringUsedPercent",
    "gauge",
    "Of the slot that is nearest to the end of its log.",
    ({ status }) => status.ringUsedPercent,
  ],
  [
    "lastCompletedCheckpointId",
    "gauge",
    "Number of the newest complete epoch of the generation.",
    ({ status }) => status.epochs.completed,
  ],
  [
    "numberOfInProgressCheckpoints",
    "gauge",
    "1 while a checkpoint is being taken.",
    ({ status: { epochs } }) => Number((epochs.open ?? epochs.committing) !== undefined),
  ],
  [
    "failedCheckpointsInARow",
    "gauge",
    "Checkpoints that expired since the last complete one.",
    ({ status }) => status.epochs.failedInARow,
  ],
  [
    "lastCheckpointDuration",
    "gauge",
    "Milliseconds that the newest complete checkpoint took.",
    ({ checkpoint }) => checkpoint?.durationMs,
  ],
  [
    "lastCheckpointFullSize",
    "gauge",
    "Bytes that the newest complete checkpoint refers to.",
    ({ checkpoint }) => checkpoint?.bytes,
  ],
];

function jobMetrics(jobs: readonly MeasuredJob[]): readonly Metric[] {
  return ofJob.map(([name, type, help, valueOf]) => ({
    name: `millrace_job_${name}`,
    type,
    help,
    measured: jobs.flatMap((job) => measuredOf({ job: job.status.job }, valueOf(job))),
  }));
}

type OperatorMetric = readonly [
  name: string,
  type: Metric["type"],
  help: string,
  value: (operator: OperatorProgressView) => number | undefined,
];

const timeOf = (watermarkMs: OperatorProgressView["watermarkMs"]): number | undefined =>
  typeof watermarkMs === "number" ? watermarkMs : undefined;

const ofOperator: readonly OperatorMetric[] = [
  ["numRecordsIn", "counter", "Elements that the operator was given.", ({ received }) => received],
  [
    "numLateRecordsDropped",
    "counter",
    "Elements that came too late for all of their windows.",
    ({ late }) => late,
  ],
  [
    "currentInputWatermark",
    "gauge",
    "Milliseconds since 1970; absent where it is no time.",
    ({ watermarkMs }) => timeOf(watermarkMs),
  ],
  ["stateBytes", "gauge", "State, encoded.", ({ stateBytes }) => stateBytes],
  [
    "deadLetters",
    "counter",
    "What the operator could not process.",
    ({ deadLetters }) => deadLetters,
  ],
];

function operatorMetrics(jobs: readonly MeasuredJob[]): readonly Metric[] {
  return ofOperator.map(([name, type, help, valueOf]) => ({
    name: `millrace_operator_${name}`,
    type,
    help,
    measured: jobs.flatMap(({ status: { job, operators } }) =>
      operators.flatMap((operator) => {
        const labels = { job, stage: operator.stage, operator: operator.name };
        return measuredOf(labels, valueOf(operator));
      }),
    ),
  }));
}

/** What tells a slot that lags from the others. */
function slotMetrics(jobs: readonly MeasuredJob[]): readonly Metric[] {
  const all = jobs.flatMap(({ status: { job, slots } }) =>
    slots.map((slot) => ({ slot, labels: { job, slot: slot.slot } })),
  );
  const metric = (
    name: string,
    type: Metric["type"],
    help: string,
    valueOf: (slot: JobStatusView["slots"][number]) => number,
  ): Metric => ({
    name: `millrace_slot_${name}`,
    type,
    help,
    measured: all.flatMap(({ slot, labels }) => measuredOf(labels, valueOf(slot))),
  });
  return [
    metric(
      "numRecordsIn",
      "counter",
      "Records or frames that the slot has taken.",
      (slot) => slot.records,
    ),
    metric("commits", "counter", "Commits of the slot.", (slot) => slot.version),
    metric("stateBytes", "gauge", "State, encoded.", (slot) => slot.stateBytes),
    metric("quiet", "gauge", "Milliseconds since the slot's last batch.", (slot) => slot.quietMs),
  ];
}

const measuredOf = (
  labels: Readonly<Record<string, string>>,
  value: number | undefined,
): readonly Measured[] => (value === undefined ? [] : [{ labels, value }]);
