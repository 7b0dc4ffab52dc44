import { isMillraceError, messageOf } from "../runtime/errors/millrace-error.ts";
import { isLed } from "../runtime/job/leadership.ts";
import { describeCheckpoint } from "../runtime/savepoints/index.ts";
import { objectNames } from "../runtime/layout/names.ts";
import type { Measured, Metric } from "./prometheus-text.ts";
import type { JobStatusView, OperatorProgressView } from "./schemas/job.ts";
import type { ServedStore } from "./served-store.ts";
import { statusView } from "./status-view.ts";

/** A job as its metrics show it. */
interface MeasuredJob {
  readonly status: JobStatusView;
  /** A process leads it. */
  readonly isLed: boolean;
  /** The newest complete one that is still there. */
  readonly checkpoint?: { readonly durationMs: number; readonly bytes: number };
}

/** Metrics of all jobs; where Flink has one, it has Flink's name. */
export async function metricsOf(store: ServedStore): Promise<readonly Metric[]> {
  const jobs: MeasuredJob[] = [];
  const unreadable: string[] = [];
  for (const job of await store.jobs()) {
    const measured = await measuredJob(store, job);
    if (measured === undefined) unreadable.push(job);
    else jobs.push(measured);
  }
  const operators = jobs.flatMap(({ status: { job, operators: all } }) =>
    all.map((subject) => ({
      labels: { job, stage: subject.stage, operator: subject.name },
      subject,
    })),
  );
  const slots = jobs.flatMap(({ status: { job, slots: all } }) =>
    all.map((subject) => ({ labels: { job, slot: subject.slot }, subject })),
  );
  return [
    {
      ...unreadableMetric,
      measured: [
        ...jobs.map(({ status: { job } }) => ({ labels: { job }, value: 0 })),
        ...unreadable.map((job) => ({ labels: { job }, value: 1 })),
      ],
    },
    ...metricsFor(
      "millrace_job",
      ofJob,
      jobs.map((subject) => ({ labels: { job: subject.status.job }, subject })),
    ),
    ...metricsFor("millrace_operator", ofOperator, operators),
    ...metricsFor("millrace_slot", ofSlot, slots),
  ];
}

const unreadableMetric = {
  name: "millrace_job_unreadable",
  type: "gauge",
  help: "1 where what the store holds of the job is damaged, so that nothing else is measured of it.",
} as const;

/** Undefined where it can't be read: it costs the others nothing. */
async function measuredJob(store: ServedStore, job: string): Promise<MeasuredJob | undefined> {
  try {
    const status = await statusView(store, job);
    const checkpoint = await newestCheckpoint(store, status);
    const led = await isLed(store.ports, job);
    return { status, isLed: led, ...(checkpoint && { checkpoint }) };
  } catch (thrown) {
    if (isMillraceError(thrown) && thrown.retryable) throw thrown;
    noteUnread(store, job, thrown);
    return undefined;
  }
}

function noteUnread({ ports }: ServedStore, job: string, thrown: unknown): void {
  ports.telemetry.log("error", "what is to be measured can't be read", {
    job,
    error: messageOf(thrown),
  });
}

async function newestCheckpoint(
  store: ServedStore,
  { job, generation, epochs: { completed } }: JobStatusView,
): Promise<MeasuredJob["checkpoint"]> {
  if (generation === undefined || completed === undefined) return undefined;
  const key = objectNames.manifest(job, generation, completed);
  try {
    const { entry } = await describeCheckpoint(store.ports, key);
    return { durationMs: entry.durationMs ?? 0, bytes: entry.totalBytes ?? 0 };
  } catch (thrown) {
    if (isMillraceError(thrown) && thrown.retryable) throw thrown;
    // It may have been deleted since: what is not there is not measured, and what is damaged neither.
    if (!isMillraceError(thrown) || thrown.code !== "manifest-missing")
      noteUnread(store, job, thrown);
    return undefined;
  }
}

/** What is measured of each of some subjects. */
type Measurement<Subject> = readonly [
  name: string,
  type: Metric["type"],
  help: string,
  value: (subject: Subject) => number | undefined,
];

/** A subject, and what tells it from the others. */
interface Labelled<Subject> {
  readonly labels: Measured["labels"];
  readonly subject: Subject;
}

function metricsFor<Subject>(
  prefix: string,
  measurements: readonly Measurement<Subject>[],
  subjects: readonly Labelled<Subject>[],
): readonly Metric[] {
  return measurements.map(([name, type, help, valueOf]) => ({
    name: `${prefix}_${name}`,
    type,
    help,
    measured: subjects.flatMap(({ labels, subject }) => {
      const value = valueOf(subject);
      return value === undefined ? [] : [{ labels, value }];
    }),
  }));
}

const ofJob: readonly Measurement<MeasuredJob>[] = [
  [
    "running",
    "gauge",
    "1 while the job has not ended and a process leads it, else 0.",
    ({ status: { state }, isLed }) =>
      Number(isLed && (state === "running" || state === "stopping" || state === "draining")),
  ],
  [
    "uptime",
    "gauge",
    "Milliseconds since the generation began; of a job that runs.",
    ({ status: { state, atMs, publishedMs }, isLed }) =>
      isLed && state === "running" && publishedMs !== undefined ? atMs - publishedMs : undefined,
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

const timeOf = (watermarkMs: OperatorProgressView["watermarkMs"]): number | undefined =>
  typeof watermarkMs === "number" ? watermarkMs : undefined;

const ofOperator: readonly Measurement<OperatorProgressView>[] = [
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

/** What tells a slot that lags from the others. */
const ofSlot: readonly Measurement<JobStatusView["slots"][number]>[] = [
  [
    "numRecordsIn",
    "counter",
    "Records or frames that the slot has taken.",
    ({ records }) => records,
  ],
  ["commits", "counter", "Commits of the slot.", ({ version }) => version],
  ["stateBytes", "gauge", "State, encoded.", ({ stateBytes }) => stateBytes],
  ["quiet", "gauge", "Milliseconds since the slot's last batch.", ({ quietMs }) => quietMs],
];
