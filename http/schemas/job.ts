import * as z from "zod/mini";
import { count, timeMs, watermark } from "./common.ts";
import { retryingSlot } from "./retrying-slot.ts";

const jobState = z.enum([
  "not started",
  "running",
  "stopping",
  "draining",
  "stopped",
  "cancelled",
  "finished",
]);

/** A job in the list of jobs. */
const jobSummary = z.object({
  job: z.string(),
  state: jobState,
  generation: z.optional(z.int()),
  publishedMs: z.optional(timeMs),
  records: count,
  deadLetters: count,
  stateBytes: count,
  keys: count,
  watermarkLagMs: z.optional(z.number()),
  /** Number of the newest complete epoch of this generation. */
  completedEpoch: z.optional(z.int()),
});
export const jobList = z.object({ jobs: z.array(jobSummary) });

/** All that runs for one shard. */
const slot = z.object({
  slot: z.string(),
  /** Uid of the source whose slot it is, or "exchange". */
  owner: z.string(),
  /** Commits whose outputs are delivered. */
  version: count,
  /** Records or frames that it has taken. */
  records: count,
  stateBytes: count,
  keys: count,
  deadLetters: count,
  ringUsedPercent: z.number(),
  watermarkMs: watermark,
  /** Since its last batch. */
  quietMs: z.number(),
});

/** What a metric of a user's functions has come to. */
const metricValue = z.union([
  z.object({ kind: z.enum(["counter", "meter"]), count }),
  z.object({ kind: z.literal("gauge"), value: z.number(), over: z.enum(["sum", "min", "max"]) }),
  z.object({
    kind: z.literal("histogram"),
    /** Upper ends of its buckets. */
    bounds: z.array(z.number()),
    /** One for each bound, and one for what is above the last. */
    counts: z.array(count),
    sum: z.number(),
  }),
]);

/** What an operator has come to, over all slots. */
export const operatorProgress = z.object({
  /** `<stage>/<uid>`, or `<stage>/<name>-<node>` where it has no uid. */
  name: z.string(),
  stage: z.string(),
  /** Elements that it was given. */
  received: count,
  late: count,
  watermarkMs: watermark,
  idle: z.boolean(),
  stateBytes: count,
  deadLetters: count,
  /** By name, what its functions count and measure; absent where that is nothing. */
  metrics: z.optional(z.record(z.string(), metricValue)),
});

const epochs = z.object({
  completed: z.optional(z.int()),
  open: z.optional(z.int()),
  committing: z.optional(z.int()),
  failedInARow: z.int(),
  reason: z.optional(z.string()),
});

/** How a job is, as its store shows it. */
export const jobStatus = z.object({
  job: z.string(),
  state: jobState,
  /** When this was read. */
  atMs: timeMs,
  generation: z.optional(z.int()),
  /** Fingerprint of the plan. */
  plan: z.optional(z.string()),
  publishedMs: z.optional(timeMs),
  restoredFrom: z.optional(z.string()),
  savepoint: z.optional(z.string()),
  epochs,
  /** Taken by sources. */
  records: count,
  /** Commits of all slots. */
  commits: count,
  deadLetters: count,
  stateBytes: count,
  keys: count,
  lateElements: z.record(z.string(), count),
  supersededRows: count,
  ringUsedPercent: z.number(),
  /** Age of the oldest watermark that the exchange has not applied; 0 where all is. */
  exchangeLagMs: z.number(),
  /** How far the slowest watermark is behind the clock; absent where none is a time. */
  watermarkLagMs: z.optional(z.number()),
  nextTimerMs: z.optional(timeMs),
  /** By stage. */
  watermarksMs: z.record(z.string(), watermark),
  alignment: z.array(
    z.object({
      group: z.string(),
      maxDriftMs: z.number(),
      /** Watermarks of the slot that is furthest back, and of the one that is furthest ahead. */
      lowestMs: timeMs,
      highestMs: timeMs,
    }),
  ),
  tableKeyMismatches: z.array(z.object({ sink: z.string(), table: z.string(), fault: z.string() })),
  /** Slots whose batch has failed, and is tried again. */
  retrying: z.array(retryingSlot),
  slots: z.array(slot),
  /** In the order of the plan; empty where the plan is not known. */
  operators: z.array(operatorProgress),
});

export type JobSummary = z.infer<typeof jobSummary>;
export type JobStatusView = z.infer<typeof jobStatus>;
export type MetricValueView = z.infer<typeof metricValue>;
export type OperatorProgressView = z.infer<typeof operatorProgress>;
