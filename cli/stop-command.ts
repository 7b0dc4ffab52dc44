import { cancelJob, takeSavepoint } from "../runtime/savepoints/index.ts";
import { withJob } from "./checkpoint-command.ts";
import type { CancelGiven } from "./commands/cancel.ts";
import type { StopGiven } from "./commands/stop.ts";
import { epochOf, waitOf } from "./savepoint-command.ts";
import { placeText, storeOptions } from "./store-options.ts";
import { UsageError } from "./usage-error.ts";

/** `millrace cancel`. Answers the exit code. */
export async function cancelCommand({ values }: Pick<CancelGiven, "values">): Promise<number> {
  const options = storeOptions(values);
  return await withJob(options, async ({ ports }, job) => {
    const { generation } = await cancelJob(ports, job);
    return {
      json: { type: "cancelled", job, generation },
      text: [
        `job ${job} was cancelled: generation ${generation} takes nothing any more`,
        `  its checkpoints are there as before: millrace restore latest <job.ts> ${placeText(options.place)}`,
      ],
    };
  });
}

/** `millrace stop`: with a savepoint, after draining, or without a savepoint, which is a cancel. Answers the exit code. */
export async function stopCommand({ values }: StopGiven): Promise<number> {
  const wait = waitOf(values);
  const { id, drain } = values;
  const options = storeOptions(values);
  if (values["no-savepoint"]) {
    if (drain || id !== undefined)
      throw new UsageError(`--no-savepoint and --${drain ? "drain" : "id"} exclude each other.`);
    return await cancelCommand({ values });
  }
  return await withJob(options, async ({ ports }, job) => {
    const kind = drain ? "drain" : "stop";
    const stop = { job, kind, ...(id === undefined ? {} : { id }) } as const;
    const taken = await takeSavepoint(ports, stop, wait);
    const next = drain
      ? "its windows have fired; the savepoint can be read, not restored"
      : `go on with: millrace restore ${taken.id} <job.ts> ${placeText(options.place)}`;
    return {
      json: { type: "stopped", job, drained: drain, ...taken },
      text: [
        `job ${job} was ${drain ? "drained and " : ""}stopped with savepoint ${taken.id} (${epochOf(taken.manifest)})`,
        `  ${next}`,
      ],
    };
  });
}
