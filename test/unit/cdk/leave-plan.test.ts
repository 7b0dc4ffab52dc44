import { App, Stack, Stage } from "aws-cdk-lib";
import { expect, test } from "vitest";
import { MillracePipeline } from "../../../cdk/index.ts";
import { readSynthesizedPlans } from "../../../cdk/synthesized-plan.ts";
import { ordersJob, synthesize, withoutCode } from "./synthesize.ts";

test("an assembly has the plan of each pipeline, and leads to the stack's output that tells where it is", () => {
  const { app, template, pipeline } = synthesize(() => ({ allowNonRestoredState: true }));
  const [left, ...others] = readSynthesizedPlans(app.outdir);
  expect(others).toEqual([]);
  expect(left).toEqual({
    format: 1,
    stack: "Orders",
    stackIds: ["Orders"],
    connectionOutput: expect.any(String) as string,
    entry: ordersJob,
    allowNonRestoredState: true,
    plan: pipeline.plan,
  });
  expect(JSON.stringify(template.findOutputs(left!.connectionOutput))).toContain("MILLRACE_JOB");
});

test("a stack of a stage is found by each of its names, and in the region that it is for", () => {
  const app = new App({ context: withoutCode });
  const stage = new Stage(app, "Live", { env: { region: "eu-west-1", account: "123456789012" } });
  new MillracePipeline(new Stack(stage, "Orders"), "Pipeline", { entry: ordersJob });
  app.synth();
  const [left] = readSynthesizedPlans(app.outdir);
  expect(left).toMatchObject({ stack: "Live-Orders", region: "eu-west-1" });
  expect(left?.stackIds).toEqual(expect.arrayContaining(["Live-Orders", "Live/Orders"]));
});
