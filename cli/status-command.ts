import { withJob } from "./checkpoint-command.ts";
import { jobStatus } from "../runtime/observe/job-status.ts";
import { statusJson } from "../runtime/observe/status-json.ts";
import { terminalColumns } from "./columns.ts";
import { statusLines } from "./status-text.ts";
import type { StatusGiven } from "./commands/status.ts";
import { storeOptions } from "./store-options.ts";

/** `millrace status`: how a job is, by what its store shows. Answers the exit code. */
export async function statusCommand({ values }: StatusGiven): Promise<number> {
  return await withJob(storeOptions(values), async ({ ports }, job) => {
    const status = await jobStatus(ports, job);
    return { json: statusJson(status), text: statusLines(status, terminalColumns()) };
  });
}
