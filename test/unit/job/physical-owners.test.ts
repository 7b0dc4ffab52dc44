import { expect, test } from "vitest";
import { dynamodbSink, kinesisSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import { defineJob, noWatermarks, unchecked } from "../../../runtime/index.ts";
import { buildPlan } from "../../../runtime/planner/build-plan.ts";
import type { PhysicalNames } from "../../../runtime/job/job-runtime.ts";
import { checkPhysicalOwners } from "../../../runtime/job/physical-owners.ts";

interface Visit {
  readonly page: string;
}

const plan = buildPlan(
  defineJob("visits", (env) => {
    const read = (stream: string) =>
      env.source(kinesisSource({ stream, schema: unchecked<Visit>() }), {
        uid: stream,
        watermarks: noWatermarks(),
      });
    const all = read("web").union(read("app"));
    all.sinkTo(dynamodbSink({ table: "last", key: ["page"] }), { uid: "last" });
    all.sinkTo(dynamodbSink({ table: "seen", key: ["page"] }), { uid: "seen" });
    all.sinkTo(kinesisSink({ stream: "log", partitionKey: ({ page }) => page }), { uid: "log" });
  }).graph,
);
const names = (changed: Partial<PhysicalNames>): PhysicalNames => ({
  exchangeStream: "visits-exchange",
  streams: {},
  tables: {},
  ...changed,
});

test.each([
  [
    "two sources that were given one stream",
    { streams: { web: "x", app: "x" } },
    /"web" and "app"/,
  ],
  ["a source that was given the exchange", { streams: { app: "visits-exchange" } }, /exchange/],
  ["an exchange with the name of a source's stream", { exchangeStream: "web" }, /exchange/],
  ["a sink that appends to the exchange", { streams: { log: "visits-exchange" } }, /exchange/],
  ["two sinks that were given one table", { tables: { seen: "last" } }, /"last" and "seen"/],
])("%s are refused", (_, changed, message) => {
  expect(() => checkPhysicalOwners(plan, names(changed))).toThrow(
    expect.objectContaining({
      code: "names-collide",
      message: expect.stringMatching(message) as string,
    }),
  );
});

test("names of their own are taken, and so is a stream that is read and appended to", () => {
  expect(() => checkPhysicalOwners(plan, names({}))).not.toThrow();
  const shared = names({ streams: { web: "a", app: "b", log: "a" } });
  expect(() => checkPhysicalOwners(plan, shared)).not.toThrow();
});
