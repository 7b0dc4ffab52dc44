import { type Duration, durationMs } from "../graph/duration.ts";
import { jobError } from "../errors/millrace-error.ts";
import type { RestartStrategy } from "../graph/node.ts";

export interface FixedDelayOptions {
  /** How often a record that user code failed on is tried again before it goes to the dead letters: 1 to 1,000. */
  readonly attempts: number;
  /** How long to wait before each attempt. Not negative. */
  readonly delay: Duration;
}

/**
 * Tries again after a pause.
 * @throws MillraceError `duration-invalid`, `restart-invalid`
 */
export function fixedDelay({ attempts, delay }: FixedDelayOptions): RestartStrategy {
  const delayMs = durationMs(delay);
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > 1_000)
    throw invalid(`attempts is ${attempts}; it must be an integer from 1 to 1,000.`);
  if (delayMs < 0) throw invalid(`delay is ${delayMs} ms; it must be at least 0.`);
  return Object.freeze({ kind: "fixed-delay", attempts, delayMs });
}

/** Whatever user code fails on goes to the dead letters at once. */
export function noRestart(): RestartStrategy {
  return Object.freeze({ kind: "none", attempts: 0, delayMs: 0 });
}

function invalid(message: string): Error {
  return jobError("restart-invalid", {
    message,
    next: "Write for example fixedDelay({ attempts: 3, delay: { seconds: 1 } }), or noRestart().",
  });
}
