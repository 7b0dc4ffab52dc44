import { parseArguments, takeNone } from "./arguments.ts";
import { withJob } from "./checkpoint-command.ts";
import { jobStatus } from "../runtime/observe/job-status.ts";
import { statusJson } from "../runtime/observe/status-json.ts";
import { statusLines } from "./status-text.ts";
import { storeDefinitions, storeOptions } from "./store-options.ts";

/** `millrace status`: how a job is, by what its store shows. Answers the exit code. */
export async function statusCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArguments(args, storeDefinitions);
  takeNone("status", positionals);
  return await withJob(storeOptions(values), async ({ ports }, job) => {
    const status = await jobStatus(ports, job);
    return { json: statusJson(status), text: statusLines(status) };
  });
}
