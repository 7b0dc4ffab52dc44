import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { BUNDLING_STACKS } from "aws-cdk-lib/cx-api";
import { expect, test } from "vitest";
import { MillracePipeline } from "../../../cdk/index.ts";
import { relayJob } from "./synthesize.ts";

test("the code of both functions is bundled for the stacks that are deployed, and for no other", () => {
  const app = new App({ context: { [BUNDLING_STACKS]: ["Live"] } });
  const [live, other] = ["Live", "Other"].map(
    (name) =>
      new MillracePipeline(new Stack(app, name), "Pipeline", {
        entry: relayJob,
        pipelineName: name,
      }),
  );
  const folder = app.synth().directory;
  const files = globSync("asset.*/index.mjs", { cwd: folder });
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8"));
  const [short, ...bundles] = texts.toSorted((left, right) => left.length - right.length);
  expect(bundles.map((text) => /export\s*\{\s*[\w$]+ as handler\s*\}/.test(text))).toEqual([
    true,
    true,
  ]);
  expect(bundles.map((text) => Buffer.byteLength(text))).toContain(live!.bundleBytes);
  expect(live!.bundleBytes).toBeGreaterThan(100_000);
  expect(short).toMatch(/^throw new Error\("The CDK was told not to bundle/);
  expect(other!.bundleBytes).toBe(0);
});
