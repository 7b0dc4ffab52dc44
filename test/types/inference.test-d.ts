import { type } from "arktype";
import * as v from "valibot";
import * as z from "zod/mini";
import {
  boundedOutOfOrderness,
  calendarWindows,
  countEvictor,
  countTrigger,
  customTrigger,
  defineJob,
  deltaTrigger,
  dynamicSessionWindows,
  elementType,
  type KeyedStream,
  type KeyValue,
  listState,
  mapState,
  outputTag,
  purgingTrigger,
  sessionWindows,
  tumblingWindows,
  unchecked,
  valueState,
} from "../../runtime/index.ts";
import { dynamodbSink, kinesisSink, kinesisSource } from "../../runtime/connectors/index.ts";
import { exactly } from "./exactly.ts";

interface Flight {
  origin: string;
  scheduledMs: number;
  delay: number | null;
}

const zodFlight = z.object({
  origin: z.string(),
  scheduledMs: z.number(),
  delay: z.nullable(z.number()),
});
const valibotFlight = v.object({
  origin: v.string(),
  scheduledMs: v.number(),
  delay: v.nullable(v.number()),
});
const arktypeFlight = type({ origin: "string", scheduledMs: "number", delay: "number | null" });

const late = outputTag<Flight>("late");
const watermarks = boundedOutOfOrderness<Flight>({
  timestamp: (flight) => flight.scheduledMs,
  bound: { minutes: 5 },
});

export const inferred = defineJob("inferred", (env) => {
  const flights = env.source(kinesisSource({ stream: "flights", schema: zodFlight }), {
    uid: "zod",
    watermarks: boundedOutOfOrderness({
      timestamp: (flight) => flight.scheduledMs,
      bound: { minutes: 5 },
    }),
    partitionedBy: (flight) => flight.origin,
  });
  const others = env.source(kinesisSource({ stream: "flights", schema: valibotFlight }), {
    uid: "valibot",
    watermarks,
  });
  const third = env.source(kinesisSource({ stream: "flights", schema: arktypeFlight }), {
    uid: "arktype",
    watermarks,
  });
  const hourly = flights
    .union(others, third)
    .map((flight) => ({ ...flight, delay: flight.delay ?? 0 }))
    .filter((flight) => flight.delay > 0)
    .keyBy((flight) => flight.origin)
    .window(tumblingWindows({ size: { hours: 1 } }), { uid: "hourly" })
    .aggregate(
      {
        create: () => ({ count: 0, sum: 0 }),
        add: (total, flight) => ({ count: total.count + 1, sum: total.sum + flight.delay }),
        result: (total) => ({ mean: total.sum / total.count }),
      },
      (result, { key, window }) => {
        exactly<string>()(key);
        return { origin: key, startMs: window.startMs, ...result };
      },
    );
  hourly.map((row) => exactly<{ mean: number; origin: string; startMs: number }>()(row));
  hourly.sinkTo(dynamodbSink({ table: "delays", key: ["origin", "startMs"] }), { uid: "delays" });
  hourly.sinkTo(
    dynamodbSink({
      table: "delays",
      key: ["id"],
      toRow: (row) => ({ id: `${row.origin}/${row.startMs}`, mean: row.mean }),
    }),
    { uid: "renamed" },
  );
  hourly.sinkTo(kinesisSink({ stream: "delays", partitionKey: (row) => row.origin }), {
    uid: "stream",
  });

  const wait = async <V>(value: V): Promise<V> => value;
  // @ts-expect-error nothing waits for a promise
  flights.map((flight) => wait(flight));
  // @ts-expect-error nor where it is the function that is asynchronous
  flights.map(async (flight) => flight.origin);
  // @ts-expect-error nor for promises among the results
  flights.flatMap((flight) => [wait(flight)]);
  flights.flatMap(function* (flight) {
    yield flight.origin;
  });
  // @ts-expect-error nor for results one by one
  flights.flatMap(async function* (flight) {
    yield flight.origin;
  });
  // @ts-expect-error a promise is always true
  flights.filter(async (flight) => flight.delay === null);
  // @ts-expect-error a promise is no key
  flights.keyBy(async (flight) => flight.origin);
  const byOrigin = flights.keyBy((flight) => flight.origin);
  // @ts-expect-error a promise is no element
  byOrigin.reduce(async (_, flight) => flight, { uid: "waiting-reduce" });
  byOrigin.connect(flights.broadcast({ limits: mapState<string, number>() })).process({
    uid: "limited",
    state: { seen: valueState<boolean>() },
    emits: elementType<string>(),
    onElement(flight, { key, state, broadcast, emit }) {
      exactly<Flight>()(flight);
      exactly<string>()(key);
      exactly<number | undefined>()(broadcast.limits.get(key));
      state.seen.set(true);
      emit(flight.origin);
      // @ts-expect-error elements of a key only read it
      broadcast.limits.set(key, 1);
    },
    onBroadcastElement(flight, ctx) {
      ctx.broadcast.limits.set(flight.origin, flight.scheduledMs);
      // @ts-expect-error another type of values
      ctx.broadcast.limits.set(flight.origin, "many");
      // @ts-expect-error every slot would emit it
      ctx.emit("results");
      // @ts-expect-error there is no key in hand
      void ctx.state;
    },
  });
  // @ts-expect-error what is broadcast are maps
  flights.broadcast({ last: valueState<number>() });
  byOrigin.process({
    uid: "waiting",
    // @ts-expect-error what it does would be lost
    onElement: async () => undefined,
    // @ts-expect-error what it does would be lost
    onTimer: { soon: async () => undefined },
  });
  byOrigin.process({
    uid: "never-run",
    // @ts-expect-error nobody runs it
    *onElement() {
      yield 1;
    },
  });
  byOrigin.process({
    uid: "answers",
    state: { last: mapState<string, number>() },
    onElement: (flight, { state }) => state.last.set(flight.origin, flight.scheduledMs),
    onTimer: { soon: () => 1 },
  });
  const windowed = byOrigin.window(tumblingWindows({ size: { hours: 1 } }), {
    uid: "waiting-window",
  });
  // @ts-expect-error a promise can't be kept
  windowed.aggregate({ create: async () => 0, add: (sum) => sum, result: () => 1 });
  // @ts-expect-error a promise is no result
  windowed.aggregate({ create: () => 0, add: (sum) => sum, result: async (sum) => sum });
  windowed.aggregate(
    { create: () => 0, add: (sum) => sum, result: (sum) => sum },
    // @ts-expect-error a promise is no result
    async (sum, { key }) => ({ key, sum }),
  );
  // @ts-expect-error a promise is no list of results
  windowed.process(async (elements) => elements);
  // @ts-expect-error nor are promises results
  windowed.process((elements) => elements.map(wait));
  flights.sinkTo(
    dynamodbSink({
      table: "delays",
      key: ["origin"],
      // @ts-expect-error a promise is no row
      toRow: async (flight) => ({ origin: flight.origin }),
    }),
    { uid: "waiting-row" },
  );

  // @ts-expect-error a sink needs a uid
  hourly.sinkTo(dynamodbSink({ table: "delays", key: ["origin"] }), {});
  // @ts-expect-error not a field of the row
  hourly.sinkTo(dynamodbSink({ table: "delays", key: ["airport"] }), { uid: "no-field" });
  // @ts-expect-error DynamoDB's keys have one or two attributes
  hourly.sinkTo(dynamodbSink({ table: "t", key: ["origin", "startMs", "mean"] }), { uid: "3" });
  flights.sinkTo(
    // @ts-expect-error a key can't be null
    dynamodbSink({ table: "delays", key: ["delay"] }),
    { uid: "nullable" },
  );
  hourly.sinkTo(dynamodbSink({ table: "delays", key: { origin: "string", startMs: "number" } }), {
    uid: "typed",
  });
  hourly.sinkTo(
    dynamodbSink({ table: "t", key: { id: "number" }, toRow: (row) => ({ id: row.startMs }) }),
    { uid: "typed-row" },
  );
  hourly.sinkTo(
    // @ts-expect-error the field is a number
    dynamodbSink({ table: "delays", key: { origin: "string", startMs: "string" } }),
    { uid: "wrong-type" },
  );
  hourly.sinkTo(
    // @ts-expect-error not a field of the row
    dynamodbSink({ table: "delays", key: { origin: "string", airport: "string" } }),
    { uid: "typed-no-field" },
  );
  hourly.sinkTo(
    // @ts-expect-error no type of a key
    dynamodbSink({ table: "delays", key: { origin: "text" } }),
    { uid: "no-type" },
  );
  hourly.sinkTo(
    // @ts-expect-error what toRow makes has a number there
    dynamodbSink({ table: "t", key: { id: "string" }, toRow: (row) => ({ id: row.startMs }) }),
    { uid: "typed-not-in-row" },
  );
  flights.sinkTo(
    // @ts-expect-error a key can't be null
    dynamodbSink({ table: "delays", key: { delay: "number" } }),
    { uid: "typed-nullable" },
  );
  hourly.sinkTo(
    // @ts-expect-error the key is not a field of what toRow makes
    dynamodbSink({ table: "t", key: ["origin"], toRow: (row) => ({ id: row.startMs }) }),
    { uid: "not-in-row" },
  );
  hourly.sinkTo(
    kinesisSink({
      stream: "delays",
      // @ts-expect-error a partition key is a text
      partitionKey: (row) => row.startMs,
    }),
    { uid: "number-key" },
  );
  hourly.sinkTo(
    // @ts-expect-error a sink for other elements
    kinesisSink<Flight>({ stream: "delays", partitionKey: (flight) => flight.origin }),
    { uid: "other-elements" },
  );
  // @ts-expect-error a source needs a uid
  env.source(kinesisSource({ stream: "flights", schema: zodFlight }), { watermarks });
  env.source(kinesisSource({ stream: "flights", schema: zodFlight }), {
    uid: "wrong-time",
    watermarks: boundedOutOfOrderness({
      // @ts-expect-error no such field
      timestamp: (flight) => flight.time,
      bound: { minutes: 5 },
    }),
  });
  // @ts-expect-error streams of different elements don't unite
  flights.union(hourly);
  // @ts-expect-error undefined is no key
  flights.keyBy((flight) => (flight.delay === 0 ? undefined : flight.origin));
  // @ts-expect-error no such field
  flights.keyBy("airline");
  // @ts-expect-error a field that may be missing is no key
  flights.keyBy("delay");
  // @ts-expect-error nor is it part of one
  flights.keyBy(["origin", "delay"]);
  // @ts-expect-error a list of no fields is no key
  flights.keyBy([]);
});

export const windows = defineJob("windows", (env) => {
  const byOrigin = env
    .source(kinesisSource({ stream: "flights", schema: unchecked<Flight>() }), {
      uid: "flights",
      watermarks,
    })
    .keyBy((flight) => [flight.origin, flight.scheduledMs]);

  const session = sessionWindows({ gap: { minutes: 30 } });
  byOrigin
    .window(session, { uid: "sessions" })
    .aggregate({
      create: () => 0,
      add: (count) => count + 1,
      result: (count) => ({ count }),
      merge: (left, right) => left + right,
    })
    .map((result) => exactly<{ count: number }>()(result));
  byOrigin
    .window(session, { uid: "mergeless" })
    // @ts-expect-error sessions need merge
    .aggregate({ create: () => 0, add: (count) => count + 1, result: (count) => count });
  byOrigin
    .window(session, { uid: "reduced" })
    .reduce((one, other) => (one.scheduledMs > other.scheduledMs ? one : other))
    .map((flight) => exactly<Flight>()(flight));
  byOrigin
    .window(tumblingWindows({ size: { hours: 1 } }), { uid: "all", lateOutput: late })
    .process((elements, { key, change }) => [{ key, change, size: elements.length }])
    .sideOutput(late)
    .map((flight) => exactly<Flight>()(flight));
  byOrigin.window(session, { uid: "keys" }).process((_, { key }) => {
    exactly<readonly [string, number]>()(key);
    return [];
  });
  // @ts-expect-error a window needs a uid
  byOrigin.window(session, {});
  // @ts-expect-error a reduce needs a uid
  byOrigin.reduce((one) => one, {});
  // @ts-expect-error only operators have side outputs
  byOrigin.filter(() => true).sideOutput(late);
  byOrigin
    .countWindow({ size: 3, uid: "counted" })
    .process((elements, { key }) => {
      exactly<readonly Flight[]>()(elements);
      exactly<readonly [string, number]>()(key);
      return elements;
    })
    .map((flight) => exactly<Flight>()(flight));
  byOrigin
    .windowAll(session, { uid: "everybody" })
    .reduce(
      (one) => one,
      (flight, { key }) => ({ key, flight }),
    )
    .map((row) => exactly<{ key: "all"; flight: Flight }>()(row));
  const delayed = customTrigger({
    name: "delayed",
    state: () => ({ count: 0 }),
    onElement(flight: Flight, { state, window }) {
      exactly<{ count: number }>()(state.get());
      exactly<number>()(window.endMs);
      // @ts-expect-error what is kept has another type
      state.set({ count: "one" });
      return flight.delay === null ? "continue" : "fire";
    },
    onMerge: ({ merged, state }) => state.set({ count: merged.length }),
  });
  byOrigin
    .window(dynamicSessionWindows<Flight>({ gap: ({ delay }) => ({ minutes: delay ?? 5 }) }), {
      uid: "dynamic",
    })
    // @ts-expect-error sessions need merge, whatever their gap
    .aggregate({ create: () => 0, add: (count) => count + 1, result: (count) => count });
  byOrigin
    .window(session, { uid: "stateful", globalState: { seen: valueState<number>() } })
    .process((elements, { globalState, nowMs }) => {
      exactly<number | undefined>()(globalState.seen.get());
      exactly<number>()(nowMs);
      // @ts-expect-error another type of values
      globalState.seen.set("many");
      // @ts-expect-error no such state
      void globalState.other;
      return elements;
    });
  const byText = dynamicSessionWindows<string>({ gap: ({ length }) => ({ minutes: length }) });
  // @ts-expect-error a gap of other elements
  byOrigin.window(byText, { uid: "texts" });
  // @ts-expect-error no unit of calendars
  calendarWindows({ unit: "year", timeZone: "UTC" });
  const hour = tumblingWindows({ size: { hours: 1 } });
  byOrigin.window(session, { uid: "delayed", trigger: delayed });
  byOrigin.window(hour, { uid: "plain", trigger: purgingTrigger(countTrigger(3)) });
  byOrigin.window(hour, { uid: "evicting", evictor: countEvictor({ max: 3 }) });
  byOrigin.window(hour, {
    uid: "far",
    trigger: deltaTrigger({
      threshold: 1,
      delta: (one, other) => one.scheduledMs - other.scheduledMs,
    }),
  });
  byOrigin.window(hour, {
    uid: "others",
    // @ts-expect-error a trigger of other elements
    trigger: deltaTrigger<string>({ threshold: 1, delta: () => 2 }),
  });
  // @ts-expect-error no answer of a trigger
  customTrigger({ name: "odd", onElement: () => "FIRE" });
  // @ts-expect-error one of Beam's three modes
  byOrigin.window(hour, { uid: "mode", accumulation: "purging" });
  // @ts-expect-error a count window has no trigger of its own
  byOrigin.countWindow({ size: 3, uid: "triggered", trigger: delayed });
  tumblingWindows({
    size: {
      // @ts-expect-error no such unit
      hour: 1,
    },
  });
});

export const processes = defineJob("processes", (env) => {
  const flights = env
    .source(kinesisSource({ stream: "flights", schema: unchecked<Flight>() }), {
      uid: "flights",
      watermarks,
    })
    .keyBy((flight) => flight.origin);
  const alerts = flights.process({
    uid: "alerts",
    emits: elementType<{ origin: string; seen: number }>(),
    state: { seen: valueState<number>(), carriers: mapState<string, Flight>() },
    onElement(flight, ctx) {
      exactly<string>()(ctx.key);
      exactly<number | undefined>()(ctx.state.seen.get());
      exactly<Flight | undefined>()(ctx.state.carriers.get("UA"));
      ctx.timers.event("expire").set(flight.scheduledMs);
      // @ts-expect-error no such timer
      ctx.timers.event("expired").clear();
      ctx.emit({ origin: ctx.key, seen: 1 });
      // @ts-expect-error not what it emits
      ctx.emit({ origin: 1 });
      ctx.output(late, flight);
      // @ts-expect-error not what the tag carries
      ctx.output(late, { origin: "ANC" });
    },
    onTimer: {
      expire(ctx) {
        ctx.state.seen.clear();
        ctx.emit({ origin: ctx.key, seen: ctx.state.seen.get() ?? 0 });
      },
    },
  });
  alerts.map((alert) => exactly<{ origin: string; seen: number }>()(alert));
  flights.process({
    uid: "silent",
    onElement(flight, ctx) {
      // @ts-expect-error an operator that emits says what
      ctx.emit(flight);
    },
  });
  // @ts-expect-error a process function needs a uid
  flights.process({ onElement() {} });
});

interface Total {
  readonly cents: number;
}

export const versions = defineJob("versions", (env) => {
  const flights = env
    .source(kinesisSource({ stream: "flights", schema: unchecked<Flight>() }), {
      uid: "flights",
      previousUids: ["departures"],
      watermarks,
    })
    .keyBy((flight) => flight.origin);
  const migrate = (value: unknown, fromVersion: number): Total => ({
    cents: (value as number) * fromVersion,
  });

  flights
    .process({
      uid: "totals",
      previousUids: ["sums"],
      emits: elementType<Total>(),
      state: {
        total: valueState({ version: 2, migrate }),
        all: listState<Total>({ version: 2, migrate }),
        byCarrier: mapState<string, Total>({ version: 2, migrate }),
        // Not every version needs a migration: nothing older may be left.
        count: valueState<number>({ version: 4 }),
      },
      onElement(_flight, ctx) {
        exactly<Total | undefined>()(ctx.state.total.get());
        exactly<readonly Total[]>()(ctx.state.all.get());
        exactly<Total | undefined>()(ctx.state.byCarrier.get("UA"));
        exactly<number | undefined>()(ctx.state.count.get());
      },
    })
    .sinkTo(dynamodbSink({ table: "totals", key: ["cents"] }), {
      uid: "totals-out",
      previousUids: ["sums-out"],
    });
  valueState<number>({
    version: 2,
    // @ts-expect-error not what the state holds
    migrate: (value) => String(value),
  });
  mapState<string, Total>({
    version: 2,
    // @ts-expect-error what was kept is unknown
    migrate: (value) => ({ cents: value.cents }),
  });
  valueState<number>({
    // @ts-expect-error a version is a number
    version: "2",
  });

  flights.reduce((one) => one, {
    uid: "last",
    previousUids: ["latest"],
    version: 2,
    migrate: (value, fromVersion) => {
      exactly<unknown>()(value);
      exactly<number>()(fromVersion);
      return { ...(value as Flight), delay: null };
    },
  });
  flights.reduce((one) => one, {
    uid: "last-wrong",
    version: 2,
    // @ts-expect-error a reduce keeps what it is fed with
    migrate: () => ({ origin: "ANC" }),
  });
  // @ts-expect-error previous uids are a list
  flights.reduce((one) => one, { uid: "last-one", previousUids: "latest" });

  const hourly = { uid: "hourly", previousUids: ["by-hour"] };
  const sum = {
    create: (): Total => ({ cents: 0 }),
    add: (total: Total, _flight: Flight): Total => ({ cents: total.cents + 1 }),
    result: (total: Total) => total.cents,
  };
  flights
    .window(tumblingWindows({ size: { hours: 1 } }), hourly)
    .aggregate({ ...sum, version: 3, migrate })
    .map((result) => exactly<number>()(result));
  flights
    .window(tumblingWindows({ size: { hours: 1 } }), hourly)
    // @ts-expect-error not the accumulator
    .aggregate({ ...sum, version: 3, migrate: () => 5 });
  flights
    .window(tumblingWindows({ size: { hours: 1 } }), {
      ...hourly,
      version: 2,
      migrate: (value) => value as Flight,
    })
    .process((elements) => elements)
    .map((flight) => exactly<Flight>()(flight));
  flights.window(tumblingWindows({ size: { hours: 1 } }), {
    ...hourly,
    version: 2,
    // @ts-expect-error not an element
    migrate: () => ({ cents: 1 }),
  });
});

export const keyedByFields = defineJob("keyed-by-fields", (env) => {
  const flights = env.source(kinesisSource({ stream: "flights", schema: unchecked<Flight>() }), {
    uid: "flights",
    watermarks,
    partitionedBy: "origin",
  });
  const keyOf = <K extends KeyValue>(stream: KeyedStream<Flight, K>): K => stream as never;
  exactly<string>()(keyOf(flights.keyBy("origin")));
  exactly<readonly [string, number]>()(keyOf(flights.keyBy(["origin", "scheduledMs"])));
  exactly<readonly [number]>()(keyOf(flights.keyBy(["scheduledMs"])));
  flights
    .keyBy(["origin", "scheduledMs"])
    .window(tumblingWindows({ size: { hours: 1 } }), { uid: "hourly" })
    .aggregate(
      { create: () => 0, add: (count) => count + 1, result: (count) => count },
      (count, { key: [origin, scheduledMs] }) => {
        exactly<string>()(origin);
        exactly<number>()(scheduledMs);
        return { origin, scheduledMs, count };
      },
    );
  const either = flights.map((flight): Flight | (Flight & { gate: string }) => flight);
  either.keyBy("origin");
  // @ts-expect-error not all elements have it
  either.keyBy("gate");
  env.source(kinesisSource({ stream: "others", schema: unchecked<Flight>() }), {
    uid: "others",
    watermarks,
    // @ts-expect-error a field that may be null
    partitionedBy: "delay",
  });
});
