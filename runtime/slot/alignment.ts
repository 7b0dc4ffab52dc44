import { readAlignment } from "../job/alignment.ts";
import { stageOfSource } from "../job/job-runtime.ts";
import type { SlotEnvironment } from "./image/environment.ts";
import type { SlotImage } from "./image/slot-image.ts";

const pollMs = 100;

/**
 * Whether a source's slot is so far ahead of the slowest one of its group that it takes nothing more (protocol 4.12). It waits for the others first, for a
 * bounded time; then what was handed over is given back, and comes again.
 */
export async function staysAhead(
  { job, time }: Pick<SlotEnvironment, "job" | "time">,
  { meta, program, slot }: Pick<SlotImage, "meta" | "program" | "slot">,
): Promise<boolean> {
  const alignment = program.source?.node.watermarks.alignment;
  if (alignment === undefined) return false;
  const { ports, settings, plan } = job;
  const stage = stageOfSource(plan, slot.source);
  const { ms: ownMs = Number.NEGATIVE_INFINITY } = meta.watermarks[stage?.id ?? ""] ?? {};
  // The end of a source is told, whoever is behind.
  if (!Number.isFinite(ownMs)) return false;
  const waitMaxMs = Math.min(settings.backpressureWaitMaxMs, time.remainingMs() / 4);
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    const groups = await readAlignment(ports, plan.job);
    const known = groups.find(({ group }) => group === alignment.group);
    if (known === undefined || ownMs <= known.lowestMs + known.maxDriftMs) return false;
    if (waitedMs >= waitMaxMs) return true;
    await ports.clock.sleep(pollMs);
  }
}
