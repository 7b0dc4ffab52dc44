import * as z from "zod/mini";
import { count, jobPath, nextPage, pageQuery, timeMs, watermark } from "./common.ts";

const checkpoint = z.object({
  /** How people name it: `<generation>/<epoch>`. */
  name: z.string(),
  generation: z.int(),
  epoch: z.int(),
  status: z.enum(["open", "complete", "expired", "unreadable"]),
  /** Its name, where it is a savepoint. */
  savepoint: z.optional(z.string()),
  stopped: z.boolean(),
  drained: z.boolean(),
  openedMs: z.optional(timeMs),
  /** When it was completed or given up. */
  endedMs: z.optional(timeMs),
  durationMs: z.optional(z.number()),
  newBytes: z.optional(count),
  totalBytes: z.optional(count),
  slots: z.optional(count),
  reason: z.optional(z.string()),
});

/** Over the complete ones that are retained. */
const distribution = z.object({
  min: z.number(),
  average: z.number(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
});

export const checkpoints = z.object({
  /** By what became of them. */
  counts: z.object({ open: count, complete: count, expired: count, savepoints: count }),
  /** Absent where none is complete. */
  summary: z.optional(
    z.object({
      durationMs: distribution,
      newBytes: distribution,
      totalBytes: distribution,
    }),
  ),
  /** How the job was told to take them; absent where its description is not known. Absent times: never. */
  configuration: z.optional(
    z.object({
      intervalMs: z.optional(z.number()),
      timeoutMs: z.optional(z.number()),
      minPauseMs: z.number(),
      tolerableFailures: z.number(),
      retain: z.number(),
      onCancel: z.enum(["retain", "delete"]),
    }),
  ),
  /** The newest first. */
  history: z.array(checkpoint),
  ...nextPage,
});

export const checkpointDetail = z.object({
  checkpoint,
  plan: z.string(),
  slots: z.array(
    z.object({
      slot: z.string(),
      version: count,
      records: count,
      stateBytes: count,
      keys: count,
      /** Last sequence number that was taken. */
      sequence: z.optional(z.string()),
      watermarksMs: z.record(z.string(), watermark),
      inFlightBytes: count,
      segments: count,
    }),
  ),
});

export const checkpointsQuery = z.strictObject(pageQuery);
/** `<generation>-<epoch>`, or the epoch of the newest generation. */
export const checkpointPath = z.extend(jobPath, {
  epoch: z.string().check(z.regex(/^(\d{1,9}-)?\d{1,10}$/)),
});

const savepointName = z.string().check(z.regex(/^[A-Za-z0-9._-]{1,100}$/));

/** What was asked for, and has come to nothing yet or failed. */
const savepointRequest = z.object({
  id: z.string(),
  kind: z.enum(["savepoint", "stop", "drain"]),
  status: z.enum(["asked", "complete", "failed"]),
  askedMs: timeMs,
  reason: z.optional(z.string()),
});
export const savepoints = z.object({
  /** The newest first. */
  savepoints: z.array(checkpoint),
  requests: z.array(savepointRequest),
  ...nextPage,
});
export const savepointToTake = z.strictObject({ id: z.optional(savepointName) });
export const stopToAsk = z.strictObject({
  id: z.optional(savepointName),
  /** Sources report their ends first, and everything that is kept fires. Default: false. */
  drain: z.optional(z.boolean()),
});
/** It is taken as soon as the job can: `GET …/savepoints` shows what becomes of it. */
export const asked = z.object({ id: z.string(), generation: z.int() });

export type Checkpoint = z.infer<typeof checkpoint>;
export type CheckpointsView = z.infer<typeof checkpoints>;
export type CheckpointDetail = z.infer<typeof checkpointDetail>;
export type SavepointsView = z.infer<typeof savepoints>;
