import { dynamodbSink, kinesisSource } from "../../runtime/connectors/index.ts";
import {
  boundedOutOfOrderness,
  defineJob,
  sessionWindows,
  slidingWindows,
  tumblingWindows,
  unchecked,
} from "../../runtime/index.ts";
import type { SlotWorld } from "./slot-world.ts";

/** The job of the frozen savepoint of windows. It may never change, or the savepoint is another job's. */
export interface Ride {
  readonly rider: string;
  readonly n: number;
  readonly atMs: number;
}

interface InWindow {
  readonly key: string;
  readonly window: { readonly startMs: number; readonly endMs: number };
}

const rowOf = (sum: number, { key, window }: InWindow) => ({ rider: key, ...window, sum });
const summing = {
  create: () => ({ sum: 0 }),
  add: (total: { sum: number }, { n }: Ride) => ({ sum: total.sum + n }),
  merge: (left: { sum: number }, right: { sum: number }) => ({ sum: left.sum + right.sum }),
  result: ({ sum }: { sum: number }) => sum,
};

/** Fixed windows and sessions, with accumulators, reduced elements and all elements; those of two kinds fire again. */
export const ridesJob = defineJob(
  "rides",
  (env) => {
    const byRider = env
      .source(kinesisSource({ stream: "rides", schema: unchecked<Ride>() }), {
        uid: "rides",
        watermarks: boundedOutOfOrderness({
          timestamp: (ride) => ride.atMs,
          bound: { milliseconds: 100 },
        }),
      })
      .keyBy((ride) => ride.rider);
    const gap = sessionWindows({ gap: { milliseconds: 600 } });
    const table = (name: string) =>
      dynamodbSink<{ rider: string; startMs: number }>({ table: name, key: ["rider", "startMs"] });
    byRider
      .window(tumblingWindows({ size: { seconds: 1 } }), {
        uid: "tumbling",
        allowedLateness: { seconds: 3 },
      })
      .aggregate(summing, rowOf)
      .sinkTo(table("tumbling"), { uid: "tumbling-rows" });
    byRider
      .window(slidingWindows({ size: { seconds: 2 }, slide: { seconds: 1 } }), { uid: "sliding" })
      .reduce(
        (one, other) => ({ ...one, n: one.n + other.n }),
        ({ n }, context) => rowOf(n, context),
      )
      .sinkTo(table("sliding"), { uid: "sliding-rows" });
    byRider
      .window(gap, { uid: "sessions", allowedLateness: { seconds: 3 } })
      .aggregate(summing, rowOf)
      .sinkTo(table("sessions"), { uid: "session-rows" });
    byRider
      .window(gap, { uid: "listed" })
      .process((rides, { key, window }) => [
        { rider: key, ...window, ns: rides.map(({ n }) => n).join() },
      ])
      .sinkTo(table("listed"), { uid: "listed-rows" });
  },
  { maxParallelism: 16 },
);

/** Bursts with pauses between them; some come 1.3 seconds after their time, into a pause or between two bursts. */
export const rides: readonly Ride[] = Array.from({ length: 400 }, (_, n) => ({
  rider: `rider ${n % 5}`,
  n,
  atMs: 1_000_000 + n * 40 + Math.floor(n / 35) * 2_500 - (n % 9 === 4 ? 1_300 : 0),
}));

export async function putRides(world: SlotWorld, some: readonly Ride[]): Promise<void> {
  await world.put("rides", some, (ride: Ride) => ride.rider);
}
