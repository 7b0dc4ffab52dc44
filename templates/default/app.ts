import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { MillracePipeline } from "millrace/cdk";

// The CDK's command line says where; without it, as in "npm run synth", here.
const app = new App({ outdir: process.env["CDK_OUTDIR"] ?? "cdk.out" });
const stack = new Stack(app, "{{stack}}", { description: "Turnover by customer and minute" });
new MillracePipeline(stack, "Pipeline", {
  entry: join(import.meta.dirname, "job.ts"),
});
app.synth();
