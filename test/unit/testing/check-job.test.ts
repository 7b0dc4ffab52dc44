import { expect, test } from "vitest";
import {
  boundedOutOfOrderness,
  type DataStream,
  defineJob,
  tumblingWindows,
  unchecked,
} from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";
import { checkJob } from "millrace/testing";

interface Click {
  readonly user: string;
  readonly atMs: number;
}

const clicks = Array.from({ length: 60 }, (_, at) => ({ user: `u${at % 7}`, atMs: at * 500 }));

const jobOf = (change: (clicks: DataStream<Click>) => DataStream<Click>) =>
  defineJob("clicks", (env) => {
    const read = env.source(kinesisSource({ stream: "clicks", schema: unchecked<Click>() }), {
      uid: "clicks",
      watermarks: boundedOutOfOrderness({ timestamp: ({ atMs }) => atMs, bound: { minutes: 5 } }),
    });
    change(read)
      .keyBy("user")
      .window(tumblingWindows({ size: { seconds: 10 } }), { uid: "windows" })
      .aggregate(
        { create: () => 0, add: (n) => n + 1, result: (n) => n },
        (n, { key, window }) => ({ user: key, startMs: window.startMs, n }),
      )
      .sinkTo(dynamodbSink({ table: "counts", key: { user: "string", startMs: "number" } }), {
        uid: "rows",
      });
  });

test("a job that depends on nothing but its input gives the same in every way", async () => {
  const { tables } = await checkJob(
    jobOf((all) => all),
    { inputs: { clicks: [...clicks, "no click"] } },
  );
  expect(tables["counts"]?.reduce((sum, { n }) => sum + Number(n), 0)).toBe(60);
});

test("one that keeps something outside of its state is told apart, with the way and the first difference", async () => {
  let seen = 0;
  const counting = jobOf((all) => all.filter(() => (seen += 1) % 3 > 0));
  await expect(checkJob(counting, { inputs: { clicks } })).rejects.toMatchObject({
    code: "results-differ",
    message: expect.stringMatching(
      /in table "counts" \{.*\} is (missing|more).*Run with \{"shards"/,
    ),
  });
});
