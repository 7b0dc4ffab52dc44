import { type SlotCheckpoint, writeProgress } from "../../job/progress.ts";
import { partOfCut } from "../image/cut-meta.ts";
import type { SlotImage } from "../image/slot-image.ts";

/** Timers that are left over are looked after when no commit has come for so long. */
const resumeAfterMs = 5_000;

/** Writes the progress row of the image's version, and learns which part the row names that stands then. */
export async function publishProgress(image: SlotImage, replacesPart?: string): Promise<void> {
  const { job, slot, meta, generation } = image;
  const { ports } = job;
  const checkpoint = checkpointOf(image);
  let stateBytes = 0;
  const stateBytesByOperator: Record<string, number> = {};
  let keys = 0;
  let nextTimerMs = Number.POSITIVE_INFINITY;
  let nextEventTimerMs = Number.POSITIVE_INFINITY;
  for (const subtask of image.program.subtasks.values()) {
    const { state, broadcast } = subtask;
    for (const [uid, bytes] of [...state.bytesByOperator(), ...broadcast.bytesByOperator()]) {
      const operator = `${subtask.stage.id}/${uid}`;
      stateBytes += bytes;
      stateBytesByOperator[operator] = (stateBytesByOperator[operator] ?? 0) + bytes;
    }
    keys += subtask.state.keyCount;
    nextTimerMs = Math.min(nextTimerMs, subtask.firstProcessingMs());
    // protocol 3.2: whoever fires the rest goes on at once; should nobody, the coordinator sees to it.
    if (subtask.firing) nextTimerMs = Math.min(nextTimerMs, ports.clock.nowMs() + resumeAfterMs);
    if (slot.source !== undefined)
      nextEventTimerMs = Math.min(nextEventTimerMs, subtask.eventTimers.firstMs);
  }
  const standing = await writeProgress(
    ports,
    { job: job.plan.job, generation: generation.generation },
    {
      slot: slot.name,
      stream: slot.stream,
      shardId: slot.shardId,
      range: meta.range,
      version: meta.version,
      epoch: meta.epoch,
      watermarks: meta.watermarks,
      ...(Number.isFinite(nextTimerMs) ? { nextTimerMs } : {}),
      ...(Number.isFinite(nextEventTimerMs) ? { nextEventTimerMs } : {}),
      ...(image.part === undefined ? {} : { part: image.part }),
      ...(meta.cut === undefined ? {} : { cutEpoch: meta.cut.epoch }),
      ...(checkpoint === undefined ? {} : { checkpoint }),
      ...(meta.stopping === true ? { stopping: true } : {}),
      sealed: image.sealed,
      ended: meta.source?.ended ?? false,
      ...(meta.source === undefined ? {} : { lastElementMs: meta.source.lastRecordMs }),
      ...(slot.source === undefined || meta.pastFence ? {} : { beforeFence: true }),
      counters: meta.counters,
      stateBytes,
      stateBytesByOperator,
      keys,
      tickClockMs: meta.tickClockMs,
      atMs: ports.clock.nowMs(),
    },
    { knownRank: image.progressRank, replacesPart },
  );
  // The row that stands decides which places of the ring may be overwritten (protocol 3.4).
  image.part = standing.progress.part;
  image.progressRank = standing.rank;
}

function checkpointOf(image: SlotImage): SlotCheckpoint | undefined {
  const { cut } = image.meta;
  const part = partOfCut(image);
  if (cut === undefined || part === undefined) return undefined;
  const { epoch, closed, inFlight } = cut;
  return { epoch, part, complete: closed, ...(inFlight === undefined ? {} : { inFlight }) };
}
