import { resetCheckpoints } from "../runtime/embedded/control-checkpoints.ts";
import {
  createStreams,
  embeddedRuntime,
  type EmbeddedJob,
  exchangeStreamOf,
} from "../runtime/embedded/job-world.ts";
import type { EmbeddedPorts } from "../runtime/embedded/ports.ts";
import {
  type Manifest,
  readManifest,
  restore,
  type Restored,
} from "../runtime/savepoints/index.ts";
import { usesExchange } from "../runtime/job/slot-ref.ts";
import { reshardTo } from "./reshard.ts";

export interface RestoreJobOptions {
  readonly job: EmbeddedJob;
  readonly ports: EmbeddedPorts;
  /** Key of the manifest. */
  readonly manifest: string;
  readonly allowNonRestoredState?: boolean;
  /** Shards of each source stream, where it is new. Default: 2. */
  readonly sourceShards?: number;
  /** Shards of the exchange: it is resharded where it has another number. Default: as many as there are, 2 where it is new. */
  readonly exchangeShards?: number;
  /** What streams are called that do not have the name that the job gives them. */
  readonly streams?: Readonly<Record<string, string>>;
}

/** Restores a job on this machine: makes the streams that it has and the epoch had not, and takes event sources back. */
export async function restoreJob(options: RestoreJobOptions): Promise<Restored> {
  const { job, ports, manifest, allowNonRestoredState = false } = options;
  const { sourceShards = 2, exchangeShards, streams } = options;
  await createStreams(job.plan, ports, { source: sourceShards, exchange: exchangeShards ?? 2 });
  if (exchangeShards !== undefined && usesExchange(job.plan))
    await reshardTo(ports.admin, exchangeStreamOf(job.plan), exchangeShards);
  const runtime = embeddedRuntime(job, ports, {}, streams);
  const goBack = async ({ slots, exchangeStream }: Manifest): Promise<void> =>
    await resetCheckpoints(
      ports.control,
      job.plan.job,
      slots
        .filter(({ stream }) => stream !== exchangeStream)
        .map(({ stream, shardId, sequence, elements }) => ({
          stream,
          shardId,
          // A record that was taken in part is handed over again: the slot skips what is done.
          ...(sequence === undefined || elements !== undefined ? {} : { sequence }),
        })),
    );
  // Before it is published: a restore may be killed right behind that. What lives until then skips what it has taken.
  await goBack(await readManifest(ports.objects, manifest));
  const restored = await restore({ job: runtime, manifest, allowNonRestoredState });
  // And once more: event sources that run have gone on, and written how far, until they noticed.
  await goBack(restored.manifest);
  return restored;
}
