import * as z from "zod/mini";

/** One flight as it stands in the stream. Arrival delays below two hours early are taken for errors and refused. */
export const Flight = z.object({
  /** Row in the file: the identity, for some rows are equal in all else. */
  row: z.int(),
  /** Actual departure, local time, to the minute: "2001-01-01T00:01". */
  date: z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/)),
  /** Arrival delay in minutes; negative when early. */
  delay: z.int().check(z.gte(-120)),
  /** In miles. */
  distance: z.int(),
  origin: z.string(),
  destination: z.string(),
});

export type Flight = z.infer<typeof Flight>;

const minuteMs = 60_000;

/**
 * Event time: the departure less the arrival delay, in milliseconds. It approximates the scheduled departure, which the
 * file does not have; local times are read as if they were UTC.
 */
export function eventTimeMs({ date, delay }: Pick<Flight, "date" | "delay">): number {
  return (
    Date.UTC(
      digits(date, 0, 4),
      digits(date, 5, 2) - 1,
      digits(date, 8, 2),
      digits(date, 11, 2),
      digits(date, 14, 2),
    ) -
    delay * minuteMs
  );
}

function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at++) value = value * 10 + text.charCodeAt(at) - 48;
  return value;
}
