import { jobError } from "../errors/millrace-error.ts";
import { type Duration, durationMs } from "../graph/duration.ts";
import type { CheckpointOptions } from "../graph/node.ts";

export interface CheckpointingOptions {
  /** Between the openings of two epochs, at least 10 ms; "never" for savepoints only. Default: 10 minutes. */
  readonly interval?: Duration | "never";
  /** An epoch that has not completed by then expires. Default: 10 minutes. */
  readonly timeout?: Duration;
  /** At least this long between the end of one epoch and the opening of the next. Default: none. */
  readonly minPause?: Duration;
  /** How many epochs in a row may expire before there is an alarm. Default: 0. */
  readonly tolerableFailures?: number;
  /** How many complete epochs are kept, savepoints not counted: 1 to 100. Default: 3. */
  readonly retain?: number;
  /** What becomes of them when the job is cancelled. Default: "retain". */
  readonly onCancel?: "retain" | "delete";
}

/**
 * When the job's state is checkpointed as a whole. A slot that fails recovers from its log without any of this: checkpoints are
 * for restoring, for rescue and for upgrades. The names are those of Flink's CheckpointConfig.
 * @throws MillraceError `duration-invalid`, `checkpoints-invalid`
 */
export function checkpointing(options: CheckpointingOptions = {}): CheckpointOptions {
  const { interval = { minutes: 10 }, timeout = { minutes: 10 }, minPause } = options;
  const { tolerableFailures = 0, retain = 3, onCancel = "retain" } = options;
  const intervalMs = interval === "never" ? Number.POSITIVE_INFINITY : durationMs(interval);
  const timeoutMs = durationMs(timeout);
  const minPauseMs = minPause === undefined ? 0 : durationMs(minPause);
  if (intervalMs < 10) throw invalid(`interval is ${intervalMs} ms; it must be at least 10.`);
  if (timeoutMs < 10) throw invalid(`timeout is ${timeoutMs} ms; it must be at least 10.`);
  if (minPauseMs < 0) throw invalid(`minPause is ${minPauseMs} ms; it must be at least 0.`);
  if (!Number.isInteger(tolerableFailures) || tolerableFailures < 0)
    throw invalid(`tolerableFailures is ${tolerableFailures}; it must be a whole number from 0.`);
  if (!Number.isInteger(retain) || retain < 1 || retain > 100)
    throw invalid(`retain is ${retain}; it must be a whole number from 1 to 100.`);
  return Object.freeze({
    intervalMs,
    timeoutMs,
    minPauseMs,
    tolerableFailures,
    retain,
    onCancel,
  });
}

function invalid(message: string): Error {
  return jobError("checkpoints-invalid", {
    message,
    next: "Write for example checkpointing({ interval: { minutes: 1 }, timeout: { minutes: 5 } }).",
  });
}
