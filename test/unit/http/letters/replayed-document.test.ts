import { expect, test } from "vitest";
import { replayedDocument } from "../../../../http/letters/replayed-document.ts";
import {
  csv,
  dynamodbSink,
  kinesisSource,
  type KinesisSourceOptions,
} from "../../../../runtime/connectors/index.ts";
import { defineJob, noWatermarks, unchecked } from "../../../../runtime/index.ts";
import type { DeadLetter } from "../../../../runtime/job/dead-letter.ts";
import { describeJob } from "../../../../runtime/observe/job-description.ts";
import { buildPlan } from "../../../../runtime/planner/build-plan.ts";

const letter: DeadLetter = {
  format: 1,
  job: "letters",
  slot: "in/shardId-000000000000",
  sequence: "1",
  element: 0,
  kind: "undecodable",
  reason: "it is refused",
  payload: "ada,5",
  atMs: 0,
};

function replayed(options: Partial<KinesisSourceOptions<object>>) {
  const { graph } = defineJob("letters", (env) => {
    env
      .source(kinesisSource({ stream: "in", schema: unchecked<object>(), ...options }), {
        uid: "in",
        watermarks: noWatermarks(),
      })
      .map(() => ({ k: "one" }))
      .sinkTo(dynamodbSink({ table: "out", key: ["k"] }), { uid: "out" });
  });
  return replayedDocument({ run: describeJob(graph, buildPlan(graph)), letter, key: undefined });
}

test("a document that alone is a record is put again, as its source expects it", () => {
  expect(replayed({ decoder: "text", compression: "gzip" })).toEqual({
    stream: "in",
    text: "ada,5",
    compression: "gzip",
  });
  expect(replayed({ decoder: csv({ columns: ["user", "n"] }) })).toMatchObject({ text: "ada,5" });
});

test.each([
  ["read as the names of columns", { decoder: "csv" }, "rows under a row of names"],
  ["read by a function", { decoder: () => [] }, "a decoder of its own"],
  ["passed over", { dropDuplicates: true }, "drops what it was given before"],
] as const)("a document that would be %s stays", (_, options, why) => {
  const { text, why: said } = replayed(options);
  expect({ text, said }).toEqual({ text: undefined, said: expect.stringContaining(why) });
});
