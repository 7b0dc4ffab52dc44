import { deliver } from "./commit/deliver.ts";
import { publishProgress } from "./commit/publish-progress.ts";
import type { SlotEnvironment } from "./image/environment.ts";
import type { Generation } from "../job/generation.ts";
import { applyRows, emptyImage, loadImage, type OpenRow, readRun } from "./image/load-image.ts";
import { checkLives, hasMovedOn, isMissing } from "../job/missing-object.ts";
import { progressRank, readProgress, type SlotProgress } from "../job/progress.ts";
import type { SlotImage } from "./image/slot-image.ts";
import type { SlotRef } from "../job/slot-ref.ts";

/**
 * Brings an environment's image of a slot up to the head of its log, and delivers what the progress row does not show as
 * delivered (protocol 3.0). Answers undefined where the slot has neither a log nor a progress row: it is not of this
 * generation, or has to take over from its parents first.
 */
export async function catchUp(
  environment: SlotEnvironment,
  generation: Generation,
  slot: SlotRef,
): Promise<SlotImage | undefined> {
  const { job, images } = environment;
  const place = { job: job.plan.job, generation: generation.generation, slot: slot.name };
  const progress = await readProgress(job.ports, place);
  let image = images.get(slot.name);
  let rows: readonly OpenRow[] | undefined;
  try {
    if (image !== undefined && image.generation.generation === generation.generation)
      rows = await catchUpFrom(image, progress);
    if (rows === undefined || image === undefined) {
      images.delete(slot.name);
      image = emptyImage(job, generation, slot, progress?.range ?? { firstHash: "", lastHash: "" });
      rows = await loadImage(environment, image, progress);
      if (rows === undefined) {
        // protocol 6.8: rows of a generation that was replaced are gone, or are a sleeper's, and don't go on.
        await checkLives(job, generation);
        return await catchUp(environment, generation, slot);
      }
      if (progress === undefined && rows.length === 0) return undefined;
      environment.note("loads");
    }
  } catch (thrown) {
    images.delete(slot.name);
    const rank = progress === undefined ? undefined : progressRank(progress);
    // protocol 6.8: whoever was slow looks for objects that are garbage by now.
    if (!isMissing(thrown) || !(await hasMovedOn(job, generation, { slot: slot.name, rank })))
      throw thrown;
    return await catchUp(environment, generation, slot);
  }
  image.part = progress?.part ?? image.part;
  image.progressRank = progress === undefined ? undefined : progressRank(progress);
  await deliverPending(image, progress, rows, environment);
  images.set(slot.name, image);
  return image;
}

/** The rows behind a cached version; undefined where the log shows that the image is not a prefix of it. */
async function catchUpFrom(
  image: SlotImage,
  progress: SlotProgress | undefined,
): Promise<readonly OpenRow[] | undefined> {
  const rows = [...(await readRun(image, Math.max(image.meta.version, 1), progress?.version ?? 0))];
  if (image.meta.version > 0) {
    const own = rows.shift();
    // protocol 3.0: the cached version's row holds another version or writer: this image is no prefix of the log.
    if (own === undefined || own.nonce !== image.nonce) return undefined;
  }
  // Version 0 has no row: that the log has gone round its ring since shows only in what is missing.
  const reached = rows.at(-1)?.version ?? image.meta.version;
  if (reached < (progress?.version ?? 0)) return undefined;
  return applyRows(image, rows);
}

async function deliverPending(
  image: SlotImage,
  progress: SlotProgress | undefined,
  rows: readonly OpenRow[],
  environment: SlotEnvironment,
): Promise<void> {
  const delivered = Math.max(progress?.version ?? 0, image.deliveredVersion);
  for (const { row, body } of rows) {
    if (row.version <= delivered) continue;
    await deliver(environment, image, { version: row.version, body, isAgain: true });
    environment.note("redeliveries");
  }
  image.deliveredVersion = image.meta.version;
  adoptCounters(image, progress);
  if (image.meta.version > (progress?.version ?? -1)) await publishProgress(image);
}

/** What the delivery of a version wrote off is counted in its progress row: the log's row was there before. */
function adoptCounters(image: SlotImage, progress: SlotProgress | undefined): void {
  if (progress?.version !== image.meta.version) return;
  image.meta = { ...image.meta, counters: progress.counters };
}
