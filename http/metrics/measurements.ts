import type { Metric } from "./prometheus-text.ts";
import type { JobStatusView, OperatorProgressView } from "../schemas/job.ts";

/** A job as its metrics show it. */
export interface MeasuredJob {
  readonly status: JobStatusView;
  /** A process leads it. */
  readonly isLed: boolean;
  /** The newest complete one that is still there. */
  readonly checkpoint?: { readonly durationMs: number; readonly bytes: number };
}

/** What is measured of each of some subjects. */
export type Measurement<Subject> = readonly [
  name: string,
  type: Metric["type"],
  help: string,
  value: (subject: Subject) => number | undefined,
  /** What Flink calls it, where that is not the name itself, or "" where Flink has nothing like it. */
  flink?: string,
];

/** Of every job that the store has: whether it can be read. */
export const ofJobs: readonly Measurement<boolean>[] = [
  [
    "unreadable",
    "gauge",
    "1 where what the store holds of the job is damaged, so that nothing else is measured of it.",
    (isRead) => Number(!isRead),
    "",
  ],
];

export const ofJob: readonly Measurement<MeasuredJob>[] = [
  [
    "running",
    "gauge",
    "1 while the job has not ended and a process leads it, else 0.",
    ({ status: { state }, isLed }) =>
      Number(isLed && (state === "running" || state === "stopping" || state === "draining")),
    "runningState",
  ],
  [
    "uptime",
    "gauge",
    "Milliseconds since the generation began; of a job that runs.",
    ({ status: { state, atMs, publishedMs }, isLed }) =>
      isLed && state === "running" && publishedMs !== undefined ? atMs - publishedMs : undefined,
  ],
  ["numRecordsIn", "counter", "Records that sources have taken.", ({ status }) => status.records],
  ["commits", "counter", "Commits of all slots.", ({ status }) => status.commits, ""],
  [
    "deadLetters",
    "counter",
    "What could not be processed.",
    ({ status }) => status.deadLetters,
    "",
  ],
  [
    "supersededRows",
    "counter",
    "Writes of rows that found a newer one in place.",
    ({ status }) => status.supersededRows,
    "",
  ],
  ["stateBytes", "gauge", "State, encoded.", ({ status }) => status.stateBytes, ""],
  ["keys", "gauge", "Keys that have state.", ({ status }) => status.keys, ""],
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
    "",
  ],
  [
    "ringUsedPercent",
    "gauge",
    "Of the slot that is nearest to the end of its log.",
    ({ status }) => status.ringUsedPercent,
    "",
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
    "",
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

export const ofOperator: readonly Measurement<OperatorProgressView>[] = [
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
  ["stateBytes", "gauge", "State, encoded.", ({ stateBytes }) => stateBytes, ""],
  [
    "deadLetters",
    "counter",
    "What the operator could not process.",
    ({ deadLetters }) => deadLetters,
    "",
  ],
];

/** A slot, and how often its batch has failed. */
export interface MeasuredSlot extends Pick<
  JobStatusView["slots"][number],
  "records" | "version" | "stateBytes" | "quietMs"
> {
  readonly attempts: number;
}

/** What tells a slot that lags from the others. */
export const ofSlot: readonly Measurement<MeasuredSlot>[] = [
  [
    "failedAttempts",
    "gauge",
    "How often what the slot tries again now has failed, 0 where nothing fails.",
    ({ attempts }) => attempts,
    "",
  ],
  [
    "numRecordsIn",
    "counter",
    "Records or frames that the slot has taken.",
    ({ records }) => records,
  ],
  ["commits", "counter", "Commits of the slot.", ({ version }) => version, ""],
  ["stateBytes", "gauge", "State, encoded.", ({ stateBytes }) => stateBytes, ""],
  ["quiet", "gauge", "Milliseconds since the slot's last batch.", ({ quietMs }) => quietMs, ""],
];
