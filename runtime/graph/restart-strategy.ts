/** What becomes of an element that user code fails on, before it goes to the dead letters. Made by the functions of the same names. */
export type RestartStrategy = NoRestart | FixedDelay | ExponentialDelay | FailureRate;

interface NoRestart {
  readonly kind: "none";
}

interface FixedDelay {
  readonly kind: "fixed-delay";
  /** How often it is tried again. */
  readonly attempts: number;
  readonly delayMs: number;
}

interface ExponentialDelay {
  readonly kind: "exponential-delay";
  readonly attempts: number;
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly backoffMultiplier: number;
  /** Share of a delay by which it is longer or shorter at random. */
  readonly jitterFactor: number;
}

interface FailureRate {
  readonly kind: "failure-rate";
  /** It is tried again while it has failed no more often than this within the interval. */
  readonly maxFailuresPerInterval: number;
  readonly failureRateIntervalMs: number;
  readonly delayMs: number;
}

/** Strategies of a job. */
export interface RestartOptions {
  /** What happens when user code throws. */
  readonly restart: RestartStrategy;
  /** By uid, or name, of the operator whose code fails; what is not listed goes by `restart`. Default: none. */
  readonly operatorRestart?: Readonly<Record<string, RestartStrategy>>;
}
