import { readManifest } from "../checkpoint/manifest.ts";
import { messageOf } from "../errors/millrace-error.ts";
import { commitEpoch } from "../job/commit-epoch.ts";
import type { Generation } from "../job/generation.ts";
import type { JobRuntime } from "../job/job-runtime.ts";
import { objectNames } from "../layout/names.ts";

export interface EpochCommits {
  /** Whether all of a complete epoch is visible; where nobody has begun, it begins. */
  readonly isDone: (epoch: number) => boolean;
  /** Settled when it is done, never rejected; absent where nothing is under way. */
  readonly running: () => Promise<void> | undefined;
}

/** protocol 6.9: makes complete epochs visible beside the rounds, which go on. What fails is tried again with the next round. */
export function epochCommits(job: JobRuntime, { generation }: Generation): EpochCommits {
  const { ports, plan } = job;
  let done = 0;
  let running: Promise<void> | undefined;
  let told = "";

  async function commit(epoch: number): Promise<void> {
    const manifest = objectNames.manifest(plan.job, generation, epoch);
    try {
      await commitEpoch(job, await readManifest(ports.objects, manifest));
      done = epoch;
    } catch (thrown) {
      const error = messageOf(thrown);
      if (error !== told) ports.telemetry.alarm("epoch-not-visible", { epoch, error });
      told = error;
    } finally {
      running = undefined;
    }
  }

  return {
    isDone: (epoch) => {
      if (done < epoch) running ??= commit(epoch);
      return done >= epoch;
    },
    running: () => running,
  };
}
