import { placeOfManifest } from "../runtime/layout/names.ts";
import {
  type CheckpointDescription,
  type CheckpointEntry,
  describeCheckpoint,
  listCheckpoints,
  resolveReference,
} from "../runtime/savepoints/index.ts";
import { type Answer, answering } from "./answer.ts";
import type { DescribeGiven, StoreGiven } from "./commands/checkpoint.ts";
import { checkpointLines, describeLines } from "./checkpoint-text.ts";
import { type OpenStore, jobOfStore, openStore } from "./open-store.ts";
import { type StoreOptions, storeOptions } from "./store-options.ts";

/** `millrace checkpoint list`. Answers the exit code. */
export async function listCommand({ values }: StoreGiven): Promise<number> {
  return await withJob(storeOptions(values), async ({ ports }, job) => {
    const entries = await listCheckpoints(ports, job);
    return {
      json: entries.map((entry) => ({ type: "checkpoint", ...entry })),
      text: entries.length === 0 ? [`job ${job} has no checkpoints yet`] : checkpointLines(entries),
    };
  });
}

/** `millrace checkpoint describe`, and of savepoints too. Answers the exit code. */
export async function describeCommand({
  values,
  args: [reference],
}: DescribeGiven): Promise<number> {
  return await withReference(storeOptions(values), reference, async ({ ports }, key) => {
    const description = await describeCheckpoint(ports, key);
    return { json: describeJson(description), text: describeLines(description) };
  });
}

function describeJson({ entry, manifest }: CheckpointDescription): object {
  const { slots, exchangeStream, plan, publishedMs, format } = manifest;
  const rest: CheckpointEntry = entry;
  const about = { format, plan: plan.fingerprint, exchangeStream, publishedMs };
  return { type: "checkpoint", ...rest, ...about, slots };
}

/** Opens the store, finds the job and prints the answer. */
export async function withJob(
  options: StoreOptions,
  work: (store: OpenStore, job: string) => Promise<Answer>,
): Promise<number> {
  return await answering(options, async () => {
    const store = await openStore(options.place);
    try {
      return await work(store, await jobOfStore(options));
    } finally {
      store.close();
    }
  });
}

/** The same with the manifest's key that a reference means. */
export async function withReference(
  options: StoreOptions,
  reference: string,
  work: (store: OpenStore, key: string) => Promise<Answer>,
): Promise<number> {
  // A manifest's key tells the job itself.
  const job = placeOfManifest(reference)?.job ?? options.job;
  return await withJob({ ...options, ...(job === undefined ? {} : { job }) }, async (store, job) =>
    work(store, await resolveReference(store.ports, { job, reference })),
  );
}
