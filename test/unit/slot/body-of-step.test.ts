import { expect, test } from "vitest";
import { dynamodbSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import type { DirectWrite } from "../../../runtime/graph/connectors.ts";
import { defineJob, monotonousTimestamps, unchecked } from "../../../runtime/index.ts";
import type { JobRuntime } from "../../../runtime/job/job-runtime.ts";
import { bodyOfStep } from "../../../runtime/slot/commit/body-of-step.ts";
import type { StepResult } from "../../../runtime/slot/step/run-step.ts";

interface Row {
  readonly a: string;
  readonly b: string;
}

const { graph } = defineJob("rows", (env) => {
  env
    .source(kinesisSource({ stream: "in", schema: unchecked<Row>() }), {
      uid: "in",
      watermarks: monotonousTimestamps({ timestamp: () => 0 }),
    })
    .sinkTo(dynamodbSink({ table: "rows", key: ["a", "b"] }), { uid: "rows" });
});

/** Which writes of a step are left, by their places. */
function kept(writes: readonly DirectWrite[]): readonly number[] {
  const effects = { writes: new Map([["rows", writes]]), deadLetters: [] };
  const result = { effects, meta: {}, deltas: [], broadcast: [], blocks: [], recorded: [] };
  const body = bodyOfStep({ graph } as unknown as JobRuntime, result as unknown as StepResult);
  return body.writes.flatMap(({ writes: left }) => left.map(([index]) => index));
}

const upsert = (a: string | number, b: string | number, n = 0): DirectWrite => ({
  kind: "upsert",
  key: { a, b },
  row: { a, b, n },
});
const append: DirectWrite = { kind: "append", partitionKey: "p", value: 1 };

test("of several writes to a row the last is left, in its place", () => {
  const one = upsert("x", 1);
  const gone: DirectWrite = { kind: "delete", key: { a: "x", b: 1 } };
  expect(kept([one, upsert("y", 1), upsert("x", 1, 2), upsert("x", 2)])).toEqual([1, 2, 3]);
  expect(kept([one, gone, upsert("y", 1)])).toEqual([1, 2]);
  expect(kept([gone, one])).toEqual([1]);
});

test("what is appended is left, however often", () => {
  expect(kept([append, append, upsert("x", 1), append])).toEqual([0, 1, 2, 3]);
});

test("keys that look alike are of several rows", () => {
  const alike = [
    upsert("1", 1),
    upsert(1, 1),
    upsert(1, "1"),
    upsert('"1:1', ""),
    upsert("", '"1:1'),
    upsert("a,", "b"),
    upsert("a", ",b"),
    upsert("1,1", ""),
    upsert("", "1,1"),
  ];
  expect(kept(alike)).toEqual(Array.from(alike, (_, at) => at));
});
