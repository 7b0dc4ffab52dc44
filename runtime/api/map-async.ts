import { type Duration, durationMs } from "../graph/duration.ts";
import type { MapAsyncNode } from "../graph/map-async.ts";
import type { UsesResources } from "../graph/resource.ts";
import type { OperatorOptions } from "./keyed-stream.ts";
import { previously } from "./previously.ts";

export interface CallRetryOptions {
  /** Attempts behind the first one: up to 1,000. */
  readonly attempts: number;
  /** Before the first of them. */
  readonly delay: Duration;
  /** How much longer each delay is than the one before, for example 2. Default: 1, all are the same. */
  readonly multiplier?: number;
  /** The longest delay. Default: a minute, or `delay` where that is longer. */
  readonly maxDelay?: Duration;
  /** Whether a failure is worth another attempt. Default: any is. */
  readonly when?: (error: unknown) => boolean;
}

export interface MapAsyncOptions<T, O> extends OperatorOptions, UsesResources {
  /** Calls of a slot that are under way at once: 1 to 1,000. Default: 100. */
  readonly capacity?: number;
  /**
   * For a call with all of its attempts. A batch waits for half of the time that its invocation has: let it be shorter than that, or the batch comes again and
   * again. Default: 10 seconds.
   */
  readonly timeout?: Duration;
  /** Default: none. What fails at last is a dead letter. */
  readonly retry?: CallRetryOptions;
  /** Gives the result where no answer has come in time. Default: the element is a dead letter. */
  readonly onTimeout?: (value: T) => O;
}

type Draft = Omit<MapAsyncNode, "id" | "name" | "inputs" | "fn">;

/** All of a mapAsync but its function. @throws MillraceError `duration-invalid` */
export function mapAsyncDraft<T, O>(options: MapAsyncOptions<T, O>): Draft {
  const {
    uid,
    previousUids,
    capacity = 100,
    timeout = { seconds: 10 },
    retry,
    onTimeout,
    resources,
  } = options;
  return {
    kind: "mapAsync",
    uid,
    capacity,
    timeoutMs: durationMs(timeout),
    retries: retriesOf(retry ?? { attempts: 0, delay: {} }),
    ...(onTimeout !== undefined && { onTimeout }),
    ...(resources !== undefined && { resources }),
    ...previously(previousUids),
  };
}

const minuteMs = 60_000;

function retriesOf(options: CallRetryOptions): MapAsyncNode["retries"] {
  const { attempts, delay, multiplier = 1, maxDelay, when } = options;
  const delayMs = durationMs(delay);
  const maxDelayMs = maxDelay === undefined ? Math.max(delayMs, minuteMs) : durationMs(maxDelay);
  return { attempts, delayMs, multiplier, maxDelayMs, ...(when !== undefined && { when }) };
}
