import type { Manifest } from "../checkpoint/manifest.ts";
import { readStaged, stagedOf, type StagedRef } from "../checkpoint/staged.ts";
import { resourceOf, stagedSpecOf } from "../connectors/sinks.ts";
import { stateError } from "../errors/millrace-error.ts";
import { nameOfStaged } from "../layout/names.ts";
import { type JobRuntime, physicalName } from "./job-runtime.ts";

/** Objects that are made visible side by side: as many are in memory. */
const besideMax = 4;

/** protocol 6.9: makes visible what a complete epoch names. Whoever does it again, or at the same time, changes nothing. */
export async function commitEpoch(
  job: Pick<JobRuntime, "ports" | "names">,
  manifest: Manifest,
): Promise<void> {
  const staged = stagedOf(manifest);
  for (let at = 0; at < staged.length; at += besideMax) {
    const some = staged.slice(at, at + besideMax);
    await Promise.all(some.map((ref) => commitStaged(job, manifest, ref)));
  }
}

async function commitStaged(
  { ports, names }: Pick<JobRuntime, "ports" | "names">,
  { plan }: Manifest,
  ref: StagedRef,
): Promise<void> {
  const sink = plan.sinks.find(({ uid }) => uid === ref.sink);
  const spec = sink && stagedSpecOf(sink.type);
  if (spec === undefined)
    throw stateError("format-corrupt", {
      message: `The epoch has staged results of "${ref.sink}", which is no sink of its plan that waits for epochs.`,
      next: "Use a version of Millrace at least as new as the one that wrote it.",
    });
  const target = physicalName(names, resourceOf(sink!));
  const content = await readStaged(ports, ref);
  await spec.commit({ ports, target }, { name: nameOfStaged(ref.key), content });
}
