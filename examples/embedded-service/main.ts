import { serve } from "@hono/node-server";
import { openJob } from "millrace/dev";
import job from "./job.ts";
import { customerService } from "./service.ts";

const [dir = ".millrace/customers", port = "3000"] = process.argv.slice(2);

const opened = await openJob(job, { dir });
const run = await opened.run();
const server = serve({
  fetch: customerService(opened).fetch,
  port: Number(port),
  hostname: "127.0.0.1",
});
process.stdout.write(`http://127.0.0.1:${port}/customers\n`);
process.once("SIGINT", run.stop);
await run.done;
server.close();
opened.close();
