import * as z from "zod/mini";
import { count, nextPage, pageQuery, timeMs, wholeNumber } from "./common.ts";
import { retryingSlot } from "./retrying-slot.ts";

const eventKind = z.enum([
  "deployed",
  "restored",
  "started",
  "stopped",
  "ended",
  "checkpoint",
  "checkpoint-failed",
  "savepoint",
  "resharded",
  "error",
  "alarm",
  "warning",
]);

/** Something that happened to a job as a whole. */
const jobEvent = z.object({
  /** Names it: the same in every answer. */
  id: z.string(),
  atMs: timeMs,
  kind: eventKind,
  generation: z.optional(z.int()),
  /** One line for people. */
  text: z.string(),
  /** Code of an error, an alarm or a warning. */
  code: z.optional(z.string()),
  /** How long it took, where that is known. */
  durationMs: z.optional(z.number()),
});
export const jobEvents = z.object({
  /** The newest first. */
  events: z.array(jobEvent),
  ...nextPage,
});
export const eventsQuery = z.strictObject({
  ...pageQuery,
  kind: z.optional(eventKind),
});

/** An error that the job met, and how often. */
const jobException = z.object({
  code: z.string(),
  message: z.string(),
  count,
  firstMs: timeMs,
  lastMs: timeMs,
  /** A failure that the job survived: what failed was tried again. */
  kind: z.enum(["error", "alarm", "warning"]),
});
export const jobExceptions = z.object({
  /** What was seen last comes first. */
  exceptions: z.array(jobException),
  /** Slots that try a record again now. */
  retrying: z.array(retryingSlot),
});

/** What the job had come to at a moment: sums that grow, except state and lag. */
const jobSample = z.object({
  atMs: timeMs,
  /** Of this generation. */
  records: count,
  commits: count,
  deadLetters: count,
  stateBytes: count,
  keys: count,
  /** Absent where no watermark is a time. */
  watermarkLagMs: z.optional(z.number()),
  exchangeLagMs: z.number(),
  generation: z.int(),
});
export const jobSamples = z.object({
  /** The oldest first. */
  samples: z.array(jobSample),
});
export const samplesQuery = z.strictObject({
  /** Only what is newer. */
  sinceMs: z.optional(wholeNumber(0, 9e15)),
  limit: z._default(wholeNumber(1, 5_000), 1_000),
});

export type JobEventView = z.infer<typeof jobEvent>;
export type JobEventsView = z.infer<typeof jobEvents>;
export type JobExceptionsView = z.infer<typeof jobExceptions>;
export type JobSampleView = z.infer<typeof jobSample>;
export type JobSamplesView = z.infer<typeof jobSamples>;
