import { describe, expect, test } from "vitest";
import { dynamodbSink, kinesisSource } from "millrace/connectors";
import { type DataStream, defineJob, monotonousTimestamps, noRestart, unchecked } from "millrace";
import { patternsOf } from "millrace/patterns";
import { harness, runJob } from "millrace/testing";

interface Step {
  readonly k: string;
  readonly kind: "a" | "b";
  readonly at: number;
}

const pairs = patternsOf<Step>()
  .begin("first")
  .where(({ kind }) => kind === "a")
  .followedBy("second")
  .where(({ kind }) => kind === "b")
  .within({ seconds: 1 });

const found = (maxPartialMatches?: number) => (steps: DataStream<Step>) =>
  steps
    .keyBy("k")
    .pattern(pairs, { uid: "pairs", ...(maxPartialMatches !== undefined && { maxPartialMatches }) })
    .select(({ first, second }, { key }) => ({ k: key, from: first[0].at, to: second[0].at }));

const step = (kind: Step["kind"], at: number): [Step, number] => [{ k: "k", kind, at }, at];

describe("a bound of the matches that have begun", () => {
  test("lets an element fail that would make them more, and keeps the others", () => {
    const driven = harness(found(2));
    for (const at of [1, 2]) driven.element(...step("a", at));
    driven.watermark(2);
    driven.element(...step("a", 3));
    expect(() => driven.watermark(3)).toThrow(/3 matches that have begun, more than the 2/);
    expect(driven.timers().map(({ timeMs }) => timeMs)).toContain(3);
  });

  test("makes it a dead letter that names the pattern, and the matches go on", async () => {
    const job = defineJob(
      "pairs",
      (env) => {
        const steps = env.source(kinesisSource({ stream: "steps", schema: unchecked<Step>() }), {
          uid: "steps",
          watermarks: monotonousTimestamps<Step>({ timestamp: ({ at }) => at }),
        });
        found(2)(steps).sinkTo(dynamodbSink({ table: "pairs", key: ["k", "from"] }), {
          uid: "rows",
        });
      },
      { restart: noRestart() },
    );
    const steps = [step("a", 1), step("a", 2), step("a", 3), step("b", 4)].map(([value]) => value);
    const { tables, deadLetters } = await runJob(job, { inputs: { steps }, shards: 1 });
    expect(deadLetters).toEqual([
      expect.objectContaining({
        operator: "pairs",
        reason: expect.stringContaining("more than the 2 of maxPartialMatches"),
      }),
    ]);
    expect(tables["pairs"]!.map(({ from }) => from).toSorted()).toEqual([1, 2]);
  });

  test("is a whole number from 1", () => {
    expect(() => harness(found(0))).toThrow(expect.objectContaining({ code: "window-invalid" }));
  });
});
