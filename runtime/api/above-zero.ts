import { jobError } from "../errors/millrace-error.ts";
import { type Duration, durationMs } from "../graph/duration.ts";

/** Milliseconds of a duration that must be above 0; `what` has it, "a window". @throws MillraceError `duration-invalid`, `window-invalid` */
export function positiveMs(name: string, duration: Duration, what = "a window"): number {
  const ms = durationMs(duration);
  if (ms > 0) return ms;
  throw jobError("window-invalid", {
    message: `The ${name} of ${what} is ${ms} ms; it must be above 0.`,
    next: `Write for example ${name}: { minutes: 5 }.`,
  });
}

/** A whole number from 1. @throws MillraceError `window-invalid` */
export function positiveCount(name: string, count: number, what = "a window"): number {
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw jobError("window-invalid", {
    message: `The ${name} of ${what} is ${String(count)}; it must be a whole number from 1.`,
    next: `Write for example ${name}: 100.`,
  });
}
