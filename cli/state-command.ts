import { stateView } from "../http/state-view.ts";
import { withJob } from "./checkpoint-command.ts";
import type { StateGetGiven } from "./commands/state.ts";
import { servedStore } from "./served-store.ts";
import { storeOptions } from "./store-options.ts";

/** `millrace state get`. Answers the exit code. */
export async function stateGetCommand({
  values,
  args: [operator, state, key],
}: StateGetGiven): Promise<number> {
  return await withJob(storeOptions(values), async (store, job) => {
    const view = await stateView(servedStore(store, job), { job, operator, state, key });
    const { entries, cut, asOf } = view;
    const { slot, version, watermarkMs, generation } = asOf;
    return {
      json: { type: "state", ...view },
      text: [
        ...entries.map(({ entry, value }) =>
          entry === undefined ? shown(value) : `${shown(entry)}: ${shown(value)}`,
        ),
        ...(cut ? ["and more, which are not shown"] : []),
        ...(entries.length === 0 ? ["nothing for this key"] : []),
        `  as of version ${version} of slot ${slot}, generation ${generation}, watermark ${shownTime(watermarkMs)}`,
      ],
    };
  });
}

const shown = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value);

const shownTime = (ms: number | "none" | "end"): string =>
  typeof ms === "number" ? new Date(ms).toISOString() : ms;
