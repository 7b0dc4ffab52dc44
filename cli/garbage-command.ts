import { collectGarbage, type GarbageReport } from "../runtime/savepoints/index.ts";
import { withJob } from "./checkpoint-command.ts";
import { readableCount } from "./readable.ts";
import type { GarbageGiven } from "./commands/garbage.ts";
import { storeOptions } from "./store-options.ts";

/** `millrace garbage`: deletes what nothing of a job refers to any more, or says what would go. Answers the exit code. */
export async function garbageCommand({ values }: GarbageGiven): Promise<number> {
  const dryRun = values["dry-run"];
  const graceMs = 1_000 * values.grace;
  // How many epochs a job keeps is for the job to say: without the option all of them stay.
  const { retain = Number.POSITIVE_INFINITY } = values;
  return await withJob(storeOptions(values), async ({ ports }, job) => {
    const report = await collectGarbage(ports, { job, retain, graceMs, dryRun });
    return {
      json: [
        ...report.deleted.map((object) => ({ type: "garbage", dryRun, ...object })),
        { type: "collected", job, dryRun, deleted: report.deleted.length, kept: report.kept },
      ],
      text: reportLines(job, report, dryRun),
    };
  });
}

function reportLines(
  job: string,
  { deleted, kept }: GarbageReport,
  dryRun: boolean,
): readonly string[] {
  const total = Object.values(kept).reduce((sum, count) => sum + count, 0);
  return [
    `job ${job}: ${readableCount(deleted.length)} objects ${dryRun ? "would go" : "are gone"}, ${readableCount(total)} are kept`,
    ...deleted.map(({ key, reason }) => `  ${dryRun ? "would go" : "gone"}: ${key}: ${reason}`),
    ...Object.entries(kept).map(([reason, count]) => `  kept: ${readableCount(count)}: ${reason}`),
  ];
}
