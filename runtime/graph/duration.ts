import { jobError } from "../errors/millrace-error.ts";

/** A length of time as the sum of its parts, for example `{ minutes: 5 }` or `{ hours: 1, minutes: 30 }`. */
export interface Duration {
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly milliseconds?: number;
}

const unitMs = {
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1_000,
  milliseconds: 1,
} as const;

/**
 * Milliseconds of a duration: a safe integer that may be negative.
 * @throws MillraceError `duration-invalid` for unknown units, fractions of a millisecond and values that aren't finite.
 */
export function durationMs(duration: Duration): number {
  let totalMs = 0;
  for (const [unit, amount] of Object.entries(duration)) {
    const factor = unitMs[unit as keyof typeof unitMs];
    if (factor === undefined || typeof amount !== "number") throw invalid(duration);
    totalMs += amount * factor;
  }
  if (!Number.isSafeInteger(totalMs)) throw invalid(duration);
  return totalMs;
}

function invalid(duration: Duration): Error {
  return jobError("duration-invalid", {
    message: `${JSON.stringify(duration)} is not a duration.`,
    next: `Write for example { minutes: 5 }; the units are ${Object.keys(unitMs).join(", ")}.`,
  });
}
