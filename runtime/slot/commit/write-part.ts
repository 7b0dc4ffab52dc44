import { type Part, readPart, writePart } from "../../checkpoint/part.ts";
import { messageOf, storeError } from "../../errors/millrace-error.ts";
import { publishProgress } from "./publish-progress.ts";
import { partOfCut } from "../image/cut-meta.ts";
import type { SlotEnvironment } from "../image/environment.ts";
import { warnOfHeap } from "../image/heap-guard.ts";
import { hasMovedOn, isMissing, isReplaced } from "../../job/missing-object.ts";
import { broadcastOf, placeOf, stateBytesOf, type SlotImage } from "../image/slot-image.ts";
import type { SlotMeta } from "../../job/slot-meta.ts";

/** Writes a part every quarter of the ring, after enough state changes, and of every cut (protocol 3.6, 6.2). */
export async function writePartIfDue(
  environment: SlotEnvironment,
  image: SlotImage,
): Promise<void> {
  const { settings } = image.job;
  const commits = image.meta.version - (image.part?.version ?? 0);
  const isDue =
    commits >= image.log.ringSize / 4 || image.sincePartBytes >= settings.partDeltaBytes;
  if (!isDue && !lacksPartOfCut(image)) return;
  try {
    await writePartNow(environment, image);
  } catch (thrown) {
    if (isReplaced(thrown)) throw thrown;
    // The commit stands and is delivered; a part becomes necessary only when the ring is full.
    image.job.ports.telemetry.alarm("part-failed", {
      slot: image.slot.name,
      error: messageOf(thrown),
    });
  }
}

/** The slot has cut, and the state at its cut is not written yet. */
export function lacksPartOfCut(image: SlotImage): boolean {
  const { cut, version } = image.meta;
  return cut?.version === version && partOfCut(image) === undefined;
}

/**
 * A row may be overwritten only when the part that the progress row names covers it (protocol 3.4). Where it does not, a part
 * is written first, without a commit; if even that does not help, nothing is committed.
 */
export async function ensureRoom(
  environment: SlotEnvironment,
  image: SlotImage,
  version: number,
): Promise<void> {
  const overwritten = version - image.log.ringSize;
  const isCovered = (): boolean => overwritten < 1 || (image.part?.version ?? 0) >= overwritten;
  if (isCovered()) return;
  let cause: unknown;
  if (image.meta.version > 0 && image.deliveredVersion === image.meta.version)
    cause = await writePartNow(environment, image).catch((thrown: unknown) => thrown);
  if (isCovered()) return;
  if (isReplaced(cause)) throw cause;
  image.job.ports.telemetry.alarm("ring-full", { slot: image.slot.name, version });
  throw storeError("ring-full", {
    message: `The commit log of slot ${image.slot.name} is full: no part covers version ${overwritten}.`,
    next: "Look at why parts can't be written to the object store; nothing is lost meanwhile.",
    retryable: true,
    cause,
  });
}

/** Puts a part of the delivered version, then names it in the progress row. */
async function writePartNow(environment: SlotEnvironment, image: SlotImage): Promise<void> {
  const { job, meta } = image;
  const stateBytes = stateBytesOf(image);
  warnOfHeap(image);
  const before = await partBefore(image);
  const part = await writePart<SlotMeta>(job.ports, {
    ...placeOf(image),
    version: meta.version,
    nonce: image.nonce,
    meta,
    before,
    changes: image.sincePart,
    stateBytes,
    whole: () => [...image.program.subtasks.values()].map((subtask) => subtask.state.snapshot()),
    broadcast: broadcastOf(image),
    pending: image.pending,
    recorded: image.recorded,
    collected: image.collected,
  });
  const standing = image.part;
  image.part = part;
  try {
    // What it builds on must be named until it is: segments that nothing names are garbage (protocol 6.8).
    await publishProgress(image, before === undefined ? undefined : standing?.key);
  } catch (thrown) {
    // protocol 3.4: only a part that the progress row names makes room in the ring.
    image.part = standing;
    throw thrown;
  }
  // An older one of somebody else stands: the next attempt builds on that.
  if (image.part?.version !== meta.version) return;
  image.sincePart.length = 0;
  image.sincePartBytes = 0;
  image.sincePartVersion = meta.version;
  environment.note("parts");
}

/** The named part, if what was collected since follows it without a gap. */
async function partBefore(image: SlotImage): Promise<Part<SlotMeta> | undefined> {
  const { part } = image;
  if (part === undefined || part.version < image.sincePartVersion) return undefined;
  try {
    const before = await readPart<SlotMeta>(image.job.ports, part.key);
    // Segments of a restore hold other slots' keys as well: the first part of the generation is written whole.
    return before.clip === true ? undefined : before;
  } catch (thrown) {
    const { job, generation, slot, progressRank: rank } = image;
    if (!isMissing(thrown) || !(await hasMovedOn(job, generation, { slot: slot.name, rank })))
      throw thrown;
    return undefined;
  }
}
