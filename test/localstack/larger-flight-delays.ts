import { join } from "node:path";
import { App, Duration, Stack } from "aws-cdk-lib";
import { MillracePipeline } from "millrace/cdk";

/** The flight delays' app as somebody may change it who wants more in a batch. */
const app = new App();
const stack = new Stack(app, "FlightDelays", {
  description: "Mean delay of flights by airport and hour",
});
new MillracePipeline(stack, "Pipeline", {
  entry: join(import.meta.dirname, "../../examples/flight-delays/job.ts"),
  memoryMiB: 2_048,
  timeout: Duration.seconds(90),
  batchSize: 5_000,
  batchWindow: Duration.seconds(5),
  iteratorAgeMax: Duration.minutes(10),
});
app.synth();
