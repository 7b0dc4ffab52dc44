import { type Duration, durationMs } from "../graph/duration.ts";
import { jobError } from "../errors/millrace-error.ts";
import type { RestartStrategy } from "../graph/restart-strategy.ts";

export interface FixedDelayOptions {
  /** How often a record that user code failed on is tried again before it goes to the dead letters: 1 to 1,000. */
  readonly attempts: number;
  /** How long to wait before each attempt. Not negative, and at most a day. */
  readonly delay: Duration;
}

/** Flink's `restart-strategy.exponential-delay.*`, for each element by itself. */
export interface ExponentialDelayOptions {
  /** How often it is tried again: 1 to 1,000. Default: 10. */
  readonly attempts?: number;
  /** Before the first attempt. Above zero. Default: a second. */
  readonly initialBackoff?: Duration;
  /** The longest delay; no shorter than the first, and at most a day. Default: a minute, or `initialBackoff` where that is longer. */
  readonly maxBackoff?: Duration;
  /** How much longer each delay is than the one before: 1 to 1,000. Default: 1.5. */
  readonly backoffMultiplier?: number;
  /** Share of a delay by which it is longer or shorter at random, so that slots that failed together are not tried together: 0 to 1. Default: 0.1. */
  readonly jitterFactor?: number;
}

/** Flink's `restart-strategy.failure-rate.*`, for each element by itself. */
export interface FailureRateOptions {
  /** It goes to the dead letters with one more failure than this within the interval: 1 to 1,000. Default: 1. */
  readonly maxFailuresPerInterval?: number;
  /** Above zero. Default: a minute. */
  readonly failureRateInterval?: Duration;
  /** How long to wait before each attempt. Not negative, and at most a day. Default: a second. */
  readonly delay?: Duration;
}

/** A slot takes nothing else while it waits. Also the longest that a timer of Node can wait is 24 days. */
const delayMaxMs = 86_400_000;

/**
 * Tries again after a pause.
 * @throws MillraceError `duration-invalid`, `restart-invalid`
 */
export function fixedDelay({ attempts, delay }: FixedDelayOptions): RestartStrategy {
  const delayMs = durationMs(delay);
  checkCount("attempts", attempts);
  checkDelay("delay", delayMs);
  return Object.freeze({ kind: "fixed-delay", attempts, delayMs });
}

/**
 * Tries again after pauses that become longer: for what fails while something else is down.
 * @throws MillraceError `duration-invalid`, `restart-invalid`
 */
export function exponentialDelay(options: ExponentialDelayOptions = {}): RestartStrategy {
  const { attempts = 10, backoffMultiplier = 1.5, jitterFactor = 0.1 } = options;
  const initialBackoffMs = durationMs(options.initialBackoff ?? { seconds: 1 });
  const maxBackoffMs =
    options.maxBackoff === undefined
      ? Math.max(initialBackoffMs, 60_000)
      : durationMs(options.maxBackoff);
  checkCount("attempts", attempts);
  if (initialBackoffMs <= 0)
    throw invalid(`initialBackoff is ${initialBackoffMs} ms; it must be above 0.`);
  if (maxBackoffMs < initialBackoffMs)
    throw invalid(`maxBackoff is ${maxBackoffMs} ms; it must be no shorter than initialBackoff.`);
  checkDelay("maxBackoff", maxBackoffMs);
  if (!(backoffMultiplier >= 1 && backoffMultiplier <= 1_000))
    throw invalid(`backoffMultiplier is ${backoffMultiplier}; it must be from 1 to 1,000.`);
  if (!(jitterFactor >= 0 && jitterFactor <= 1))
    throw invalid(`jitterFactor is ${jitterFactor}; it must be from 0 to 1.`);
  const kind = "exponential-delay";
  return Object.freeze({
    kind,
    attempts,
    initialBackoffMs,
    maxBackoffMs,
    backoffMultiplier,
    jitterFactor,
  });
}

/**
 * Tries again as long as it does not fail too often within a time. Where `delay` is so long that it never can, it is tried for ever.
 * @throws MillraceError `duration-invalid`, `restart-invalid`
 */
export function failureRate(options: FailureRateOptions = {}): RestartStrategy {
  const { maxFailuresPerInterval = 1 } = options;
  const failureRateIntervalMs = durationMs(options.failureRateInterval ?? { minutes: 1 });
  const delayMs = durationMs(options.delay ?? { seconds: 1 });
  checkCount("maxFailuresPerInterval", maxFailuresPerInterval);
  if (failureRateIntervalMs <= 0)
    throw invalid(`failureRateInterval is ${failureRateIntervalMs} ms; it must be above 0.`);
  checkDelay("delay", delayMs);
  const kind = "failure-rate";
  return Object.freeze({ kind, maxFailuresPerInterval, failureRateIntervalMs, delayMs });
}

/** Whatever user code fails on goes to the dead letters at once. */
export function noRestart(): RestartStrategy {
  return Object.freeze({ kind: "none" });
}

function checkDelay(name: string, ms: number): void {
  if (ms >= 0 && ms <= delayMaxMs) return;
  throw invalid(`${name} is ${ms} ms; it must be from 0 to ${delayMaxMs}, which is a day.`);
}

function checkCount(name: string, count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > 1_000)
    throw invalid(`${name} is ${count}; it must be an integer from 1 to 1,000.`);
}

function invalid(message: string): Error {
  return jobError("restart-invalid", {
    message,
    next: "Write for example fixedDelay({ attempts: 3, delay: { seconds: 1 } }), or noRestart().",
  });
}
