import { staysAhead } from "./alignment.ts";
import { feedOf } from "../job/feeds.ts";
import { followFlow } from "./follow-flow.ts";
import type { SlotEnvironment } from "./image/environment.ts";
import type { SlotImage } from "./image/slot-image.ts";
import { isEndOfStream, readFromCursor } from "./self-read.ts";
import { takeRecords } from "./take-records.ts";

/** Rounds of a direct invocation: it is to learn whether the slot is idle or at its end, not to do the mapping's work. */
const lookRoundsMax = 2;

/** Rounds of a slot that nobody hands anything: all that it takes, it takes so. */
const ownRoundsMax = 50;

/** A direct invocation: takes some of what follows the cursor, and learns whether the slot is idle or at its end. */
export async function lookForItself(
  environment: SlotEnvironment,
  found: SlotImage,
  watermarkMs: number | undefined,
): Promise<void> {
  const { selfReadMaxRecords: maxRecords } = environment.job.settings;
  const feedsItself = feedOf(environment.job, found.slot).fedBy === "nobody";
  const roundsMax = feedsItself ? ownRoundsMax : lookRoundsMax;
  let image = found;
  for (let round = 0; round < roundsMax; round++) {
    // protocol 6.2: what is opened while it goes through many rounds is cut for between them.
    if (feedsItself && round > 0) {
      image = await followFlow(environment, image);
      if (await staysAhead(environment, image)) return;
    }
    const read = await readFromCursor(image, { maxRecords, time: environment.time });
    const isLast = read.ended && read.records.length === 0;
    const streamEnded =
      isLast && image.slot.source !== undefined && (await isEndOfStream(image, read));
    const taken = await takeRecords(environment, image, {
      records: read.records,
      reachedTip: read.reachedTip,
      streamEnded,
      ...(watermarkMs === undefined ? {} : { watermarkMs }),
    });
    image = taken.image;
    if (taken.failure !== undefined || taken.stopped === true) return;
    if (taken.outOfTime === true) return;
    if (image.sealed || read.records.length === 0) return;
  }
}
