import { jobError } from "../errors/millrace-error.ts";
import { type Duration, durationMs } from "../graph/duration.ts";
import type { WindowTrigger } from "../graph/window-trigger.ts";

/**
 * Windows give results before their end as well: whenever the watermark reaches a multiple of `interval` since 1970-01-01T00:00Z, where
 * something has come since the last result. Later results replace earlier ones (docs/changes.md).
 * @throws MillraceError `duration-invalid`, `window-invalid` unless interval > 0.
 */
export function continuousEventTimeTrigger({
  interval,
}: {
  readonly interval: Duration;
}): WindowTrigger {
  const intervalMs = durationMs(interval);
  if (intervalMs > 0) return Object.freeze({ kind: "continuous-event-time", intervalMs });
  throw jobError("window-invalid", {
    message: `The interval of a trigger is ${intervalMs} ms; it must be above 0.`,
    next: "Write for example interval: { minutes: 1 }.",
  });
}
