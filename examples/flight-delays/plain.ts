import { type FileRow, readFlights } from "./flights-file.ts";

export interface Results {
  /** By `origin|startMs`. */
  readonly hourly: ReadonlyMap<string, PlainHour>;
  /** By `destination|startMs`. */
  readonly sessions: ReadonlyMap<string, PlainSession>;
  /** By day since 1970: codes and counts, best first. */
  readonly topTen: ReadonlyMap<number, readonly (readonly [origin: string, delayed: number])[]>;
}

/** What the job must come to, by plain loops over the same rows: no code of the engine or of the job. */
export interface PlainResults extends Results {
  /** Rows that the schema refuses. */
  readonly refused: number;
}

export interface PlainHour {
  readonly flights: number;
  readonly meanDelay: number;
  readonly maxDelay: number;
  readonly p95Delay: number;
  readonly delayed: number;
}

export interface PlainSession {
  readonly endMs: number;
  readonly flights: number;
  readonly minutes: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const sessionGapMs = 2 * hourMs;

/** What the first `count` rows of the file come to. */
export function plainResults(count: number): Promise<PlainResults> {
  return plainResultsOf(readFlights(count));
}

/** What rows come to that are at hand, in batches of any size. */
export async function plainResultsOf(
  batches: AsyncIterable<readonly FileRow[]> | Iterable<readonly FileRow[]>,
): Promise<PlainResults> {
  const delaysOf = new Map<string, number[]>();
  const delayedOf = new Map<string, [timeMs: number, delay: number][]>();
  let refused = 0;
  for await (const rows of batches) {
    for (const { departureMs, delay, origin, destination } of rows) {
      if (delay < -120) {
        refused += 1;
        continue;
      }
      const timeMs = departureMs - delay * 60_000;
      listAt(delaysOf, `${origin}|${Math.floor(timeMs / hourMs) * hourMs}`).push(delay);
      if (delay >= 15) listAt(delayedOf, destination).push([timeMs, delay]);
    }
  }
  const hourly = new Map([...delaysOf].map(([key, delays]) => [key, summarize(delays)]));
  return { hourly, sessions: sessionsOf(delayedOf), topTen: topTenOf(hourly), refused };
}

function listAt<T>(lists: Map<string, T[]>, key: string): T[] {
  let list = lists.get(key);
  if (list === undefined) lists.set(key, (list = []));
  return list;
}

function summarize(delays: readonly number[]): PlainHour {
  const sorted = Int32Array.from(delays).sort();
  const flights = sorted.length;
  let sum = 0;
  let delayed = 0;
  for (const delay of sorted) {
    sum += delay;
    if (delay >= 15) delayed += 1;
  }
  const p95Delay = sorted[Math.ceil(0.95 * flights) - 1] as number;
  return {
    flights,
    meanDelay: sum / flights,
    maxDelay: sorted[flights - 1] as number,
    p95Delay,
    delayed,
  };
}

/** Flights that follow each other within the gap, or exactly at its end, are one session. */
function sessionsOf(
  delayedOf: ReadonlyMap<string, readonly (readonly [number, number])[]>,
): Map<string, PlainSession> {
  const sessions = new Map<string, PlainSession>();
  for (const [destination, delayed] of delayedOf) {
    const sorted = delayed.toSorted(([left], [right]) => left - right);
    let startMs = Number.NaN;
    let session: PlainSession | undefined;
    for (const [timeMs, delay] of sorted) {
      if (session === undefined || timeMs > session.endMs) {
        startMs = timeMs;
        session = { endMs: timeMs + sessionGapMs, flights: 1, minutes: delay };
      } else
        session = {
          endMs: timeMs + sessionGapMs,
          flights: session.flights + 1,
          minutes: session.minutes + delay,
        };
      sessions.set(`${destination}|${startMs}`, session);
    }
  }
  return sessions;
}

function topTenOf(
  hourly: ReadonlyMap<string, PlainHour>,
): Map<number, (readonly [string, number])[]> {
  const days = new Map<number, Map<string, number>>();
  for (const [key, { delayed }] of hourly) {
    const [origin, startMs] = key.split("|") as [string, string];
    const day = Math.floor(Number(startMs) / dayMs);
    let totals = days.get(day);
    if (totals === undefined) days.set(day, (totals = new Map()));
    totals.set(origin, (totals.get(origin) ?? 0) + delayed);
  }
  const topTen = new Map<number, (readonly [string, number])[]>();
  for (const [day, totals] of days) {
    const delayed = [...totals].filter(([, count]) => count > 0);
    delayed.sort(
      ([code, count], [otherCode, other]) => other - count || (code < otherCode ? -1 : 1),
    );
    topTen.set(day, delayed.slice(0, 10));
  }
  return topTen;
}
