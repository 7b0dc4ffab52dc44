import {
  boundedOutOfOrderness,
  defineJob,
  elementType,
  mapState,
  outputTag,
  sessionWindows,
  tumblingWindows,
  valueState,
} from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";
import { delayedFromMinutes, delayStatistics } from "./delay-statistics.ts";
import { eventTimeMs, Flight } from "./flight.ts";
import { dayMs, type DayRanking, type OriginDay, rankDay } from "./top-ten.ts";

const late = outputTag<Flight>("late");

export default defineJob("flight-delays", (env) => {
  const flights = env.source(kinesisSource({ stream: "flights", schema: Flight }), {
    uid: "flights",
    watermarks: boundedOutOfOrderness({ timestamp: eventTimeMs, bound: { minutes: 60 } }),
  });
  const byOrigin = flights.keyBy("origin");
  const hour = tumblingWindows({ size: { hours: 1 } });

  // 1. Delays by origin and hour, corrected for two days.
  const hourly = byOrigin
    .window(hour, { uid: "hourly", allowedLateness: { hours: 48 } })
    .aggregate(delayStatistics, (statistics, { key, window }) => ({
      origin: key,
      startMs: window.startMs,
      ...statistics,
    }));
  hourly.sinkTo(
    dynamodbSink({ table: "airport-delays", key: { origin: "string", startMs: "number" } }),
    {
      uid: "airport-delays",
    },
  );

  // 2. The same with corrections for six hours: what comes later is kept aside.
  const sixHours = byOrigin
    .window(hour, { uid: "hourly-6h", allowedLateness: { hours: 6 }, lateOutput: late })
    .aggregate(delayStatistics, (statistics, { key, window }) => ({
      origin: key,
      startMs: window.startMs,
      ...statistics,
    }));
  sixHours.sinkTo(
    dynamodbSink({ table: "airport-delays-6h", key: { origin: "string", startMs: "number" } }),
    {
      uid: "airport-delays-6h",
    },
  );
  sixHours
    .sideOutput(late)
    .sinkTo(dynamodbSink({ table: "late-flights", key: { row: "number" } }), {
      uid: "late-flights",
    });

  // 3. Runs of delayed arrivals by destination: sessions that end after two quiet hours.
  flights
    .filter((flight) => flight.delay >= delayedFromMinutes)
    .keyBy("destination")
    .window(sessionWindows({ gap: { hours: 2 } }), {
      uid: "sessions",
      allowedLateness: { hours: 48 },
    })
    .aggregate(
      {
        create: () => ({ flights: 0, minutes: 0 }),
        add: (session, flight) => ({
          flights: session.flights + 1,
          minutes: session.minutes + flight.delay,
        }),
        merge: (left, right) => ({
          flights: left.flights + right.flights,
          minutes: left.minutes + right.minutes,
        }),
        result: (session) => session,
      },
      (session, { key, window }) => ({
        destination: key,
        startMs: window.startMs,
        endMs: window.endMs,
        ...session,
      }),
    )
    .sinkTo(
      dynamodbSink({ table: "delay-sessions", key: { destination: "string", startMs: "number" } }),
      {
        uid: "delay-sessions",
      },
    );

  // 4. Each day's ten origins with the most delayed flights. A corrected hour replaces what it counted before.
  hourly
    .map(({ origin, startMs, delayed }) => ({
      origin,
      startMs,
      delayed,
      day: Math.floor(startMs / dayMs),
    }))
    .keyBy(["origin", "day"])
    .process({
      uid: "origin-days",
      accepts: "upsert",
      emits: elementType<OriginDay>(),
      state: { delayedByHour: mapState<number, number>() },
      onElement: ({ origin, day, startMs, delayed }, ctx) => {
        ctx.state.delayedByHour.set(startMs, delayed);
        ctx.timers.event("forget").set(afterCorrections(day));
        let total = 0;
        for (const [, count] of ctx.state.delayedByHour.entries()) total += count;
        ctx.emit({ origin, day, delayed: total });
      },
      onTimer: { forget: (ctx) => ctx.state.delayedByHour.clear() },
    })
    .keyBy("day")
    .process({
      uid: "daily-top",
      emits: elementType<DayRanking>(),
      state: { delayedByOrigin: mapState<string, number>(), isOver: valueState<boolean>() },
      onElement: ({ origin, delayed }, ctx) => {
        ctx.state.delayedByOrigin.set(origin, delayed);
        if (ctx.state.isOver.get() === true)
          ctx.emit(rankDay(ctx.key, ctx.state.delayedByOrigin.entries()));
        else ctx.timers.event("dayOver").set((ctx.key + 1) * dayMs);
        ctx.timers.event("forget").set(afterCorrections(ctx.key));
      },
      onTimer: {
        dayOver: (ctx) => {
          ctx.state.isOver.set(true);
          ctx.emit(rankDay(ctx.key, ctx.state.delayedByOrigin.entries()));
        },
        forget: (ctx) => {
          ctx.state.delayedByOrigin.clear();
          ctx.state.isOver.clear();
        },
      },
    })
    .sinkTo(dynamodbSink({ table: "daily-top-delays", key: { day: "number" } }), {
      uid: "daily-top-delays",
    });
});

/** Hours are corrected for two days after their end: a day is settled two days after its own. */
function afterCorrections(day: number): number {
  return (day + 3) * dayMs;
}
