import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { explain } from "../../../cli/explain.ts";
import { buildPlan } from "../../../runtime/planner/build-plan.ts";
import type { Plan } from "../../../runtime/plan/plan.ts";
import { airportDelays } from "../plan/fixture/airport-delays.ts";
import { namesIn, stageOf } from "../plan/fixture/jobs.ts";

const golden = (name: string): string =>
  join(import.meta.dirname, "../../golden/airport-delays", name);
const plan = buildPlan(airportDelays.graph);

describe("the plan of the airport delays", () => {
  test("has both windows of one keyed stream in one stage", () => {
    expect(namesIn(plan, "hourly")).toEqual(["hourly", "delays", "strict", "late-flights", "map"]);
  });

  test("has one exchange for each key", () => {
    expect(plan.stages.map(({ id, kind }) => `${id} ${kind}`)).toEqual([
      "flights source",
      "hourly exchange",
      "strict-delays exchange",
      "busy exchange",
      "top-of-bucket exchange",
      "top-of-day exchange",
    ]);
  });

  test("puts an exchange before the sink whose key doesn't name the field of the keyBy", () => {
    expect(stageOf(plan, "strict-delays").keyedBy).toMatchObject({
      kind: "sink",
      fields: ["airport", "startMs"],
    });
  });

  test("survives JSON: CDK and CLI read it", () => {
    expect(JSON.parse(explain(airportDelays, { json: true })) as Plan).toEqual(plan);
  });

  test("reads as text like the golden file", async () => {
    await expect(explain(airportDelays)).toMatchFileSnapshot(golden("plan.txt"));
  });

  test("draws as Mermaid like the golden file", async () => {
    await expect(explain(airportDelays, { mermaid: true })).toMatchFileSnapshot(golden("plan.mmd"));
  });
});
