import { dynamodbSink, kinesisSource } from "../../runtime/connectors/index.ts";
import {
  boundedOutOfOrderness,
  defineJob,
  type JobDefinition,
  type JobOptions,
  mapState,
  sessionWindows,
  tumblingWindows,
  elementType,
  unchecked,
} from "../../runtime/index.ts";

export interface Visit {
  readonly user: string;
  readonly atMs: number;
}

export interface WindowCount {
  readonly user: string;
  readonly startMs: number;
  readonly n: number;
}

export const windowMs = 10_000;
/** No two timestamps are this far apart: all are multiples of ten. */
export const gapMs = 4_005;

const counting = {
  create: () => ({ n: 0 }),
  add: (sum: { n: number }) => {
    sum.n += 1;
    return sum;
  },
  merge: (left: { n: number }, right: { n: number }) => ({ n: left.n + right.n }),
  result: ({ n }: { n: number }) => n,
};

export interface VisitsOptions extends Partial<JobOptions> {
  /** The stream's partition key is the user: the windows run in the source's slots. */
  readonly aligned?: boolean;
}

/** Windows with corrections, sessions, and a stage behind the windows that is keyed anew. */
export function visitsJob({ aligned = false, ...options }: VisitsOptions = {}): JobDefinition {
  return defineJob(
    "visits",
    (env) => {
      const visits = env.source(kinesisSource({ stream: "visits", schema: unchecked<Visit>() }), {
        uid: "visits",
        watermarks: boundedOutOfOrderness({
          timestamp: (visit) => visit.atMs,
          bound: { seconds: 1 },
        }),
        ...(aligned && { partitionedBy: (visit: Visit) => visit.user }),
      });
      const byUser = visits.keyBy((visit) => visit.user);
      const counts = byUser
        .window(tumblingWindows({ size: { milliseconds: windowMs } }), {
          uid: "windows",
          allowedLateness: { hours: 1_000 },
        })
        .aggregate(counting, (n, { key, window }): WindowCount => ({
          user: key,
          startMs: window.startMs,
          n,
        }));
      counts.sinkTo(dynamodbSink({ table: "counts", key: ["user", "startMs"] }), { uid: "counts" });
      byUser
        .window(sessionWindows({ gap: { milliseconds: gapMs } }), {
          uid: "sessions",
          allowedLateness: { hours: 1_000 },
        })
        .aggregate(counting, (n, { key, window }): WindowCount => ({
          user: key,
          startMs: window.startMs,
          n,
        }))
        .sinkTo(dynamodbSink({ table: "sessions", key: ["user", "startMs"] }), {
          uid: "session-rows",
        });
      counts
        .keyBy((count) => count.startMs)
        .process({
          uid: "totals",
          accepts: "upsert",
          state: { byUser: mapState<string, number>() },
          emits: elementType<{ startMs: number; n: number }>(),
          onElement({ user, startMs, n }, ctx) {
            ctx.state.byUser.set(user, n);
            let total = 0;
            for (const [, count] of ctx.state.byUser.entries()) total += count;
            ctx.emit({ startMs, n: total });
          },
        })
        .sinkTo(dynamodbSink({ table: "totals", key: ["startMs"] }), { uid: "total-rows" });
    },
    { maxParallelism: 16, restart: { kind: "fixed-delay", attempts: 2, delayMs: 1 }, ...options },
  );
}

/** The same by plain computation: the rows of each table as `rowsOf` gives them. */
export function plainVisits(
  visits: readonly Visit[],
): Record<"counts" | "sessions" | "totals", string[]> {
  const counts = new Map<string, WindowCount>();
  const totals = new Map<number, number>();
  const byUser = new Map<string, number[]>();
  for (const { user, atMs } of visits) {
    const startMs = Math.floor(atMs / windowMs) * windowMs;
    const id = `${user}|${startMs}`;
    counts.set(id, { user, startMs, n: (counts.get(id)?.n ?? 0) + 1 });
    totals.set(startMs, (totals.get(startMs) ?? 0) + 1);
    byUser.set(user, [...(byUser.get(user) ?? []), atMs]);
  }
  const text = ({ n, startMs, user }: WindowCount) => JSON.stringify({ n, startMs, user });
  return {
    counts: Array.from(counts.values(), text).sort(),
    sessions: [...byUser].flatMap(([user, times]) => sessionsOf(user, times).map(text)).sort(),
    totals: Array.from(totals, ([startMs, n]) => JSON.stringify({ n, startMs })).sort(),
  };
}

function sessionsOf(user: string, times: readonly number[]): WindowCount[] {
  const sessions: { user: string; startMs: number; n: number; lastMs: number }[] = [];
  for (const atMs of times.toSorted((a, b) => a - b)) {
    const last = sessions.at(-1);
    if (last === undefined || atMs - last.lastMs > gapMs)
      sessions.push({ user, startMs: atMs, n: 1, lastMs: atMs });
    else {
      last.n += 1;
      last.lastMs = atMs;
    }
  }
  return sessions;
}

/** Visits out of order, some of them (`lateShare`) very late; the same for the same seed. */
export function someVisits(
  count: number,
  { seed = 1, users = 20, lateShare = 0.05 } = {},
): Visit[] {
  let state = seed >>> 0;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: count }, (_, index) => ({
    user: `u${Math.floor(random() * users)}`,
    atMs: 100_000 + index * 50 - Math.floor(random() * (random() < lateShare ? 2_000 : 90)) * 10,
  }));
}
