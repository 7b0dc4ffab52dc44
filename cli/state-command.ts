import type { StateOfKey } from "../http/schemas/state.ts";
import { stateHistoryView, stateView } from "../http/state-view.ts";
import { isMillraceError } from "../runtime/errors/millrace-error.ts";
import { reporting } from "./answer.ts";
import { withJob } from "./checkpoint-command.ts";
import type { StateGetGiven, StateHistoryGiven, StateWatchGiven } from "./commands/state.ts";
import { jobOfStore, openStore } from "./open-store.ts";
import { servedStore } from "./served-store.ts";
import { stopSignal } from "./stop-signals.ts";
import { storeOptions } from "./store-options.ts";

/** `millrace state get`. Answers the exit code. */
export async function stateGetCommand({
  values,
  args: [operator, state, key],
}: StateGetGiven): Promise<number> {
  return await withJob(storeOptions(values), async (store, job) => {
    const view = await stateView(servedStore(store, job), { job, operator, state, key });
    const { slot, version, watermarkMs, generation } = view.asOf;
    return {
      json: { type: "state", ...view },
      text: [
        ...linesOf(view),
        `  as of version ${version} of slot ${slot}, generation ${generation}, watermark ${shownTime(watermarkMs)}`,
      ],
    };
  });
}

/** `millrace state history`. Answers the exit code. */
export async function stateHistoryCommand({
  values,
  args: [operator, state, key],
}: StateHistoryGiven): Promise<number> {
  return await withJob(storeOptions(values), async (store, job) => {
    const asked = { job, operator, state, key };
    const view = await stateHistoryView(servedStore(store, job), asked, values.limit);
    const { changes, slot, from, to, generation } = view;
    return {
      json: { type: "stateHistory", ...view },
      text: [
        ...changes.flatMap(({ version, watermarkMs, ...held }) => [
          `version ${version}${watermarkMs === undefined ? "" : `, watermark ${shownTime(watermarkMs)}`}`,
          ...linesOf(held).map((line) => `  ${line}`),
        ]),
        ...(changes.length === 0 ? ["nothing was kept for this key"] : []),
        `versions ${from} to ${to} of slot ${slot}, generation ${generation}; what was before is not known any more`,
      ],
    };
  });
}

/** `millrace state watch`: what a state holds for a key, again with each change, until it is stopped. Answers the exit code. */
export async function stateWatchCommand({
  values,
  args: [operator, state, key],
}: StateWatchGiven): Promise<number> {
  const options = storeOptions(values);
  const everyMs = 1_000 * (values.every ?? (options.place.kind === "embedded" ? 1 : 10));
  return await reporting(options.json, async () => {
    const store = await openStore(options.place);
    const { signal, stopped, release } = stopSignal();
    try {
      const job = await jobOfStore(options);
      for (let before = ""; !signal.aborted;) {
        const view = await unlessBusy(
          stateView(servedStore(store, job), { job, operator, state, key }),
        );
        const now = view && JSON.stringify(view.entries);
        if (view !== undefined && now !== undefined && now !== before) {
          const { version, watermarkMs } = view.asOf;
          const head = `version ${version}, watermark ${shownTime(watermarkMs)}`;
          const lines = options.json
            ? [JSON.stringify({ type: "state", ...view })]
            : [head, ...linesOf(view).map((line) => `  ${line}`)];
          process.stdout.write(lines.map((line) => `${line}\n`).join(""));
          before = now;
        }
        await Promise.race([stopped, store.ports.clock.sleep(everyMs)]);
      }
      return 0;
    } finally {
      release();
      store.close();
    }
  });
}

/** A busy store, or a slot that moves, costs this look. */
async function unlessBusy<Result>(look: Promise<Result>): Promise<Result | undefined> {
  try {
    return await look;
  } catch (thrown) {
    if (isMillraceError(thrown) && thrown.retryable) return undefined;
    throw thrown;
  }
}

const linesOf = ({ entries, cut }: Pick<StateOfKey, "entries" | "cut">): readonly string[] => [
  ...entries.map(({ entry, value }) =>
    entry === undefined ? shown(value) : `${shown(entry)}: ${shown(value)}`,
  ),
  ...(cut ? ["and more, which are not shown"] : []),
  ...(entries.length === 0 ? ["nothing for this key"] : []),
];

const shown = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value);

const shownTime = (ms: number | "none" | "end"): string =>
  typeof ms === "number" ? new Date(ms).toISOString() : ms;
