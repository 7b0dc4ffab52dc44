import { existsSync } from "node:fs";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { MillracePipeline } from "millrace/cdk";

/** File of the job beside this one: `ORDERS_ENTRY=job-with-average.ts` deploys the next version. Default: job.ts. */
const { ORDERS_ENTRY: file = "job.ts" } = process.env;
const entry = join(import.meta.dirname, file);
if (!/^job[a-z-]*\.ts$/.test(file) || !existsSync(entry))
  throw new Error(`ORDERS_ENTRY is "${file}"; it must be job.ts or job-with-average.ts.`);

const app = new App();
const stack = new Stack(app, "OrdersDashboard", {
  description: "Revenue, orders and best sellers of web shops, minute by minute",
});
new MillracePipeline(stack, "Pipeline", {
  entry,
});
app.synth();
