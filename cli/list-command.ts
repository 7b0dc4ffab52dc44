import { jobsInFolder } from "../runtime/embedded/jobs-in-folder.ts";
import { readGeneration } from "../runtime/job/generation.ts";
import { answering } from "./answer.ts";
import type { ListGiven } from "./commands/list.ts";
import { openStore } from "./open-store.ts";
import { tableLines } from "./table-lines.ts";

/** `millrace list`: the jobs of a folder. Answers the exit code. */
export async function listCommand({ values }: ListGiven): Promise<number> {
  const { dir } = values;
  return await answering(values, async () => {
    const names = await jobsInFolder(dir);
    const { ports, close } = await openStore({ kind: "embedded", dir });
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
