import { expect, test } from "vitest";
import {
  boundedOutOfOrderness,
  defineJob,
  elementType,
  tumblingWindows,
  unchecked,
} from "millrace";
import { dynamodbSink, kinesisSink, kinesisSource } from "millrace/connectors";
import { runJob } from "millrace/testing";

interface Click {
  readonly user: string;
  readonly atMs: number;
}

const job = defineJob("clicks", (env) => {
  const clicks = env.source(kinesisSource({ stream: "clicks", schema: unchecked<Click>() }), {
    uid: "clicks",
    watermarks: boundedOutOfOrderness({ timestamp: ({ atMs }) => atMs, bound: { seconds: 1 } }),
  });
  clicks
    .keyBy(({ user }) => user)
    .window(tumblingWindows({ size: { seconds: 10 } }), { uid: "windows" })
    .aggregate(
      {
        create: () => ({ n: 0 }),
        add: ({ n }) => ({ n: n + 1 }),
        result: ({ n }) => n,
      },
      (n, { key, window }) => ({ user: key, startMs: window.startMs, n }),
    )
    .sinkTo(dynamodbSink({ table: "counts", key: ["user", "startMs"] }), { uid: "rows" });
  clicks
    .filter(({ user }) => user === "eve")
    .sinkTo(kinesisSink({ stream: "alarms", partitionKey: ({ user }) => user }), { uid: "alarms" });
});

test("a job's results over given input are answered, with what it could not read", async () => {
  const clicks = [
    { user: "ann", atMs: 1_000 },
    { user: "eve", atMs: 2_000 },
    { user: "ann", atMs: 9_999 },
    { user: "ann", atMs: 10_000 },
    new TextEncoder().encode("no JSON"),
  ];
  const { tables, streams, deadLetters } = await runJob(job, { inputs: { clicks } });
  expect(tables["counts"]?.toSorted((a, b) => Number(a["startMs"]) - Number(b["startMs"]))).toEqual(
    expect.arrayContaining([
      { user: "ann", startMs: 0, n: 2 },
      { user: "eve", startMs: 0, n: 1 },
      { user: "ann", startMs: 10_000, n: 1 },
    ]),
  );
  expect(tables["counts"]).toHaveLength(3);
  expect(streams["alarms"]).toEqual([{ user: "eve", atMs: 2_000 }]);
  expect(deadLetters).toMatchObject([{ kind: "undecodable", payload: "no JSON" }]);
});

test("input for a stream that the job does not read is refused", async () => {
  await expect(runJob(job, { inputs: { klicks: [] } })).rejects.toMatchObject({
    code: "input-stream-unknown",
    message: /It reads clicks/ as unknown,
  });
});

test("a timer a month ahead does not hold the test up, and one that always sets itself again ends with the input", async () => {
  const reminding = defineJob("reminders", (env) => {
    env
      .source(kinesisSource({ stream: "clicks", schema: unchecked<Click>() }), {
        uid: "clicks",
        watermarks: boundedOutOfOrderness({ timestamp: ({ atMs }) => atMs, bound: {} }),
      })
      .keyBy(({ user }) => user)
      .process({
        uid: "reminders",
        emits: elementType<{ user: string; text: string }>(),
        onElement(_click, ctx) {
          ctx.timers.processing("monthly").set(ctx.nowMs + 30 * 86_400_000);
          ctx.timers.event("tick").set(ctx.timestampMs + 1);
        },
        onTimer: {
          monthly(ctx) {
            ctx.emit({ user: ctx.key, text: "a month has passed" });
            ctx.timers.processing("monthly").set(ctx.nowMs + 30 * 86_400_000);
          },
          tick: (ctx) => ctx.timers.event("tick").set(ctx.timestampMs + 1),
        },
      })
      .sinkTo(dynamodbSink({ table: "reminders", key: ["user"] }), { uid: "rows" });
  });
  const clicks = [
    { user: "ann", atMs: 1_000 },
    { user: "eve", atMs: 2_000 },
  ];
  const { tables, deadLetters } = await runJob(reminding, { inputs: { clicks } });
  expect(tables["reminders"]).toHaveLength(2);
  expect(deadLetters.map(({ reason }) => reason)).toEqual([
    expect.stringContaining('"reminders/timers/event:tick"'),
    expect.stringContaining('"reminders/timers/event:tick"'),
  ]);
});
