import { jobsInFolder } from "../runtime/embedded/jobs-in-folder.ts";
import { readGeneration } from "../runtime/job/generation.ts";
import { answering } from "./answer.ts";
import { parseArguments, takeNone } from "./arguments.ts";
import { openStore } from "./open-store.ts";
import { storeDefinitions, storeOptions } from "./store-options.ts";
import { tableLines } from "./table-lines.ts";
import { UsageError } from "./usage-error.ts";

/** `millrace list`: the jobs of a folder. Answers the exit code. */
export async function listCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArguments(args, storeDefinitions);
  takeNone("list", positionals);
  const { place, json } = storeOptions(values);
  if (place.kind !== "embedded")
    throw new UsageError("a job table holds one deployment: millrace list is for --dir <folder>.");
  return await answering({ json }, async () => {
    const names = await jobsInFolder(place.dir);
    const { ports, close } = await openStore(place);
    try {
      const jobs = await Promise.all(
        names.map(async (job) => ({ job, ...(await stateOf(ports, job)) })),
      );
      return {
        json: jobs.map((entry) => ({ type: "job", ...entry })),
        text: tableLines(
          ["job", "generation", "state"],
          jobs.map(({ job, generation, state }) => [job, String(generation ?? ""), state]),
          ["generation"],
        ),
      };
    } finally {
      close();
    }
  });
}

async function stateOf(ports: Parameters<typeof readGeneration>[0], job: string) {
  const found = await readGeneration(ports, job);
  if (found === undefined) return { state: "savepoints only" };
  const { generation, ended, outcome } = found;
  return { generation, state: ended ? (outcome ?? "finished") : "not ended" };
}
