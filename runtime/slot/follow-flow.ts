import type { Epochs } from "../checkpoint/epochs.ts";
import { waitForExchange } from "./backpressure.ts";
import { catchUp } from "./catch-up.ts";
import { commitCut, openedFor, readFlow } from "./commit/cut.ts";
import type { SlotEnvironment } from "./image/environment.ts";
import type { SlotImage } from "./image/slot-image.ts";
import { slotPhase } from "./image/slot-phase.ts";
import { takeRecords } from "./take-records.ts";

/** A source slot cuts for an epoch that was opened, and ends where the job is drained, before it takes anything. */
export async function followFlow(
  environment: SlotEnvironment,
  found: SlotImage,
): Promise<SlotImage> {
  let image = found;
  for (let attempt = 0; attempt < flowAttemptsMax && !image.sealed; attempt++) {
    const flow = await readFlow(environment, image.generation);
    if (flow.draining && (image.meta.source?.ended !== true || hasDueTimer(image, flow))) {
      image = (await takeRecords(environment, image, drain)).image;
      continue;
    }
    const epoch = openedFor(image, flow);
    if (epoch === undefined) break;
    if (await commitCut(environment, image, epoch)) break;
    image = (await catchUp(environment, image.generation, image.slot)) ?? image;
  }
  const phase = slotPhase(image);
  const waits = phase !== "sealed" && phase !== "stopped" && phase !== "drained";
  if (waits) await waitForExchange(environment);
  return image;
}

/** protocol 4.8: a source that was drained takes no records any more, but the timers in its slot still fire. */
function hasDueTimer({ program, job }: SlotImage, { stopping }: Epochs): boolean {
  const nowMs = job.ports.clock.nowMs();
  return (
    !stopping &&
    [...program.subtasks.values()].some((one) => one.firing || one.firstProcessingMs() <= nowMs)
  );
}

/** Races that a batch may lose before it goes on; the next one tries again. */
const flowAttemptsMax = 5;
const drain = { records: [], reachedTip: false, streamEnded: true, drains: true };
