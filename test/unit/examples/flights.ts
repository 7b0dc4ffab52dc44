import type { FileRow } from "../../../examples/flight-delays/flights-file.ts";

interface Given {
  /** Scheduled departure, which is the event time: "2001-01-01T10:00". */
  readonly at: string;
  readonly delay: number;
  readonly origin?: string;
  readonly destination?: string;
}

export function utcMs(text: string): number {
  return Date.parse(`${text}:00Z`);
}

/** Rows as the file has them, numbered from 0. */
export function flights(...given: readonly Given[]): readonly FileRow[] {
  return given.map(({ at, delay, origin = "AAA", destination = "ZZZ" }, row) => ({
    row,
    departureMs: utcMs(at) + delay * 60_000,
    delay,
    distance: 100,
    origin,
    destination,
  }));
}
