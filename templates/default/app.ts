import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { MillracePipeline } from "millrace/cdk";

const app = new App({ outdir: "cdk.out" });
const stack = new Stack(app, "{{stack}}", { description: "Turnover by customer and minute" });
new MillracePipeline(stack, "Pipeline", {
  entry: join(import.meta.dirname, "job.ts"),
  numberKeys: { turnover: ["startMs"] },
});
app.synth();
