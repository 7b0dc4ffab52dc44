import { describe, expect, test } from "vitest";
import {
  type DataStream,
  defineJob,
  monotonousTimestamps,
  tumblingWindows,
  unchecked,
} from "millrace";
import { dynamodbSink, kinesisSink, kinesisSource } from "millrace/connectors";
import { simulateJob } from "millrace/testing";

interface Click {
  readonly user: string;
  readonly at: number;
}

function jobOf(counted: (clicks: DataStream<Click>) => DataStream<Click>) {
  return defineJob("clicks", (env) => {
    const clicks = env.source(kinesisSource({ stream: "clicks", schema: unchecked<Click>() }), {
      uid: "clicks",
      watermarks: monotonousTimestamps<Click>({ timestamp: ({ at }) => at }),
    });
    counted(clicks).sinkTo(kinesisSink({ stream: "seen", partitionKey: ({ user }) => user }), {
      uid: "seen",
    });
    clicks
      .keyBy("user")
      .window(tumblingWindows({ size: { days: 1 } }), { uid: "days" })
      .aggregate({ create: () => 0, add: (n) => n + 1, result: (n) => n }, (n, { key }) => ({
        user: key,
        n,
      }))
      .sinkTo(dynamodbSink({ table: "days", key: ["user"] }), { uid: "rows" });
  });
}

const clicks = Array.from({ length: 60 }, (_, at) => ({ user: `u${at % 7}`, at }));

describe("a simulation", () => {
  test("throws faults at a job, whose results are those of a run without", async () => {
    const { results, faults } = await simulateJob(
      jobOf((all) => all),
      { inputs: { clicks }, seeds: 3 },
    );
    expect(results.streams["seen"]).toHaveLength(60);
    expect(results.tables["days"]).toHaveLength(7);
    expect(Object.values(faults).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(10);
  });

  test("of no world, or of one in which nothing gets through, is refused", async () => {
    const job = jobOf((all) => all);
    for (const options of [{ seeds: 0 }, { seeds: Number.NaN }, { faultRate: 1 }])
      await expect(simulateJob(job, options)).rejects.toMatchObject({ code: "simulation-invalid" });
  });

  test("of one seed is the same each time, fault by fault", async () => {
    const run = () =>
      simulateJob(
        jobOf((all) => all),
        { inputs: { clicks }, seed: 5, faultRate: 0.1 },
      );
    const [one, other] = [await run(), await run()];
    expect(one.faults).toEqual(other.faults);
    expect(Object.keys(one.faults).length).toBeGreaterThan(2);
  });

  test("finds a job that keeps something outside of its state, and says how to replay it", async () => {
    const seen = new Set<string>();
    const job = jobOf((all) =>
      all.filter(({ user, at }) => {
        const isNew = !seen.has(`${user}${at}`);
        seen.add(`${user}${at}`);
        return isNew;
      }),
    );
    await expect(simulateJob(job, { inputs: { clicks }, seeds: 2 })).rejects.toMatchObject({
      code: "results-differ",
      message: expect.stringContaining("Replay it with simulateJob(job, { …, seed: 1 })"),
    });
  });
});
