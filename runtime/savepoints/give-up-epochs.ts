import { type Epoch, readEpochs, writeEpochs } from "../checkpoint/epochs.ts";
import {
  type Manifest,
  manifestFormat,
  putManifest,
  type Tombstone,
} from "../checkpoint/manifest.ts";
import { stagedOf } from "../checkpoint/staged.ts";
import type { Generation } from "../job/generation.ts";
import type { Ports } from "../ports/index.ts";

/**
 * protocol 6.8: an epoch that was open when its generation was replaced is given up before anything of that generation goes. A leader from before
 * that still means to complete it finds the tombstone; where it was faster its manifest stands, and what that refers to is kept.
 */
export async function giveUpEpochs(
  ports: Ports,
  { job, living }: { readonly job: string; readonly living: Generation },
): Promise<void> {
  for (let generation = 1; generation < living.generation; generation++) {
    const read = await readEpochs(ports, job, generation);
    const { newest } = read.epochs;
    if (newest?.status !== "open") continue;
    const endedMs = ports.clock.nowMs();
    const reason = `Generation ${living.generation} replaced its generation.`;
    const standing = await putManifest<Tombstone>(ports, {
      format: manifestFormat,
      status: "expired",
      job,
      generation,
      epoch: newest.number,
      expiredMs: endedMs,
      reason,
    });
    const ended = { ...newest, ...endOf(standing, reason), endedMs };
    await writeEpochs(ports, { job, generation }, read, { ...read.epochs, newest: ended });
  }
}

/** protocol 6.9: whether all of it can be seen is for whoever restores it to look after. */
function endOf(standing: Manifest | Tombstone, reason: string): Pick<Epoch, "status" | "reason"> {
  if (standing.status === "expired") return { status: "expired", reason };
  return { status: stagedOf(standing).length === 0 ? "complete" : "committing" };
}
