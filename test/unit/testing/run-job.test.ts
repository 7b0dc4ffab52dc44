import { expect, test } from "vitest";
import { boundedOutOfOrderness, defineJob, tumblingWindows, unchecked } from "millrace";
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
