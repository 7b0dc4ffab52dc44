import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { MillracePipeline } from "millrace/cdk";

const app = new App();
const stack = new Stack(app, "FlightDelays", {
  description: "Mean delay of flights by airport and hour",
});
new MillracePipeline(stack, "Pipeline", {
  entry: join(import.meta.dirname, "job.ts"),
});
app.synth();
