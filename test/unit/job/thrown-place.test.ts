import { expect, test } from "vitest";
import { operatorPlace } from "../../../runtime/job/operator-place.ts";
import { thrownPlace } from "../../../runtime/job/thrown-place.ts";
import { defineJob, monotonousTimestamps, unchecked } from "../../../runtime/index.ts";
import { dynamodbSink, kinesisSource } from "../../../runtime/connectors/index.ts";

const withStack = (...frames: string[]) =>
  Object.assign(new TypeError("no"), { stack: ["TypeError: no", ...frames].join("\n") });

test("what was thrown is placed at the first frame of its stack in the user's code", () => {
  const error = withStack(
    "    at parse (file:///app/node_modules/zod/index.js:1:2)",
    "    at node:internal/x:3:4",
    "    at ValueCell.set (/app/node_modules/millrace/runtime/state/value-cell.js:5:6)",
    "    at Object.onElement (/home/ann/app/jobs/flights.ts:12:34)",
    "    at push (/src/runtime/operators/process-operator.ts:7:8)",
  );
  expect(thrownPlace(error)).toEqual({ error: "TypeError", thrownAt: "jobs/flights.ts:12:34" });
});

test("a query behind a module's file is no part of the place", () => {
  const error = withStack("    at file:///home/ann/app/jobs/flights.ts?again=1796:12:34");
  expect(thrownPlace(error)).toEqual({ error: "TypeError", thrownAt: "jobs/flights.ts:12:34" });
});

test.each([
  ["a text", "no", {}],
  ["nothing", undefined, {}],
  ["an error whose stack is none", withStack(), { error: "TypeError" }],
  ["an error from elsewhere", withStack("    at x (node:fs:1:2)"), { error: "TypeError" }],
  [
    "an error that throws when it is looked at",
    Object.defineProperty(new Error("no"), "stack", {
      get() {
        throw new Error("hidden");
      },
    }),
    {},
  ],
])("of %s as much is said as there is", (_, thrown, place) => {
  expect(thrownPlace(thrown)).toEqual(place);
});

test("an operator is placed by its identity, with or without a uid", () => {
  const { graph } = defineJob("places", (env) => {
    env
      .source(kinesisSource({ stream: "in", schema: unchecked<{ k: string }>() }), {
        uid: "in",
        watermarks: monotonousTimestamps({ timestamp: () => 1 }),
      })
      .map((item) => item)
      .sinkTo(dynamodbSink<{ k: string }>({ table: "out", key: ["k"] }), { uid: "out" });
  });
  const here = expect.stringMatching(/^job\/thrown-place\.test\.ts:\d+:\d+$/) as string;
  expect(operatorPlace(graph, "in/in")).toEqual({ title: "source in", definedAt: here });
  expect(operatorPlace(graph, "in/map-1")).toEqual({ title: "map", definedAt: here });
  expect(operatorPlace(graph, "in/out")).toEqual({ title: "sink out", definedAt: here });
  expect(operatorPlace(graph, "in/other")).toBeUndefined();
});
