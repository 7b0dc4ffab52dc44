import { deploymentError } from "../errors/millrace-error.ts";
import type { Deadline, StreamRecord } from "../ports/index.ts";
import { staysAhead } from "./alignment.ts";
import { catchUp } from "./catch-up.ts";
import { followFlow } from "./follow-flow.ts";
import type { SlotEnvironment } from "./image/environment.ts";
import { makeRoom } from "./image/heap-guard.ts";
import { checkPlan, type Generation, readGeneration } from "../job/generation.ts";
import { invocationTime } from "./image/invocation-time.ts";
import { openResourcesOf } from "../job/resources.ts";
import { stagesOfSlot } from "../job/stages-of-slot.ts";
import { checkLives } from "../job/missing-object.ts";
import { lookForItself } from "./look-for-itself.ts";
import { readGap } from "./self-read.ts";
import type { SlotImage } from "./image/slot-image.ts";
import { elementsDone } from "../job/slot-meta.ts";
import { slotOfShard } from "../job/slot-ref.ts";
import { takeOver } from "./takeover.ts";
import { takeRecords } from "./take-records.ts";
import { lacksPartOfCut, writePartIfDue } from "./commit/write-part.ts";

export interface Batch {
  /** Physical name of the stream. */
  readonly stream: string;
  readonly shardId: string;
  /** What was handed over, in shard order; empty where the slot is asked to look for itself. */
  readonly records: readonly StreamRecord[];
  /** Of a direct invocation: the watermark behind all of the source's slots (protocol 4.7). */
  readonly watermarkMs?: number;
  /** When the invocation is over; absent where it may take as long as it likes. */
  readonly deadline?: Deadline;
}

/** What the event source is told: everything is done, or all from this record on is to be handed over again. */
export interface BatchOutcome {
  readonly failedSequence?: string;
}

/** Rounds of reading by itself in one invocation. */
const selfReadRoundsMax = 50;

/** One invocation of a slot (protocol 3): catches up, skips, steps, commits, delivers, publishes. */
export async function processBatch(
  environment: SlotEnvironment,
  batch: Batch,
): Promise<BatchOutcome> {
  const { job, images } = environment;
  const slot = slotOfShard(job, batch.stream, batch.shardId);
  environment.time = invocationTime(batch.deadline);
  try {
    // Before anything is loaded; the slot's own image, if there is one, is in hand from here on.
    images.get(slot.name);
    makeRoom(environment);
    const generation = await liveGeneration(environment);
    if (generation.ended) return {};
    await openResourcesOf(job, stagesOfSlot(job, slot));
    const image =
      (await catchUp(environment, generation, slot)) ??
      (await takeOver(environment, generation, slot));
    // protocol 5.4 and 5.2: a shard of another life of the job, or a sealed slot, is passed over with success.
    if (image === undefined) {
      // protocol 6.8: nor does a slot show anything whose generation was replaced, and whose row is collected.
      await checkLives(job, generation);
      return {};
    }
    if (image.sealed) return {};
    if (lacksPartOfCut(image)) await writePartIfDue(environment, image);
    const open = slot.source === undefined ? image : await followFlow(environment, image);
    if (open.sealed) return {};
    if (await staysAhead(environment, open)) return givenBack(batch);
    if (batch.records.length > 0) return await takeHanded(environment, open, batch.records);
    await lookForItself(environment, open, batch.watermarkMs);
    return {};
  } catch (thrown) {
    // Whatever was in memory is not to be trusted, the parents of a takeover included: the next batch loads it anew.
    images.clear();
    throw thrown;
  } finally {
    images.release();
  }
}

function givenBack({ records: [first] }: Batch): BatchOutcome {
  return first === undefined ? {} : { failedSequence: first.sequence };
}

async function liveGeneration(environment: SlotEnvironment): Promise<Generation> {
  const { ports, plan } = environment.job;
  const generation = await readGeneration(ports, plan.job);
  if (generation !== undefined) return checkPlan(generation, plan);
  throw deploymentError("generation-missing", {
    message: `Job "${plan.job}" has not been started: no generation is published.`,
    next: "The coordinator publishes it within a minute of the deployment; the batch is tried again.",
    retryable: true,
  });
}

async function takeHanded(
  environment: SlotEnvironment,
  found: SlotImage,
  records: readonly StreamRecord[],
): Promise<BatchOutcome> {
  const first = (records[0] as StreamRecord).sequence;
  const image = found.meta.pastFence ? found : await closeGap(environment, found, first);
  if (image === undefined) return { failedSequence: first };
  if (image.sealed) return {};
  const taken = await takeRecords(environment, image, {
    records,
    reachedTip: false,
    streamEnded: false,
  });
  if (taken.stopped === true) return { failedSequence: first };
  if (taken.outOfTime === true) return { failedSequence: firstLeft(taken.image, records) ?? first };
  if (taken.failure === undefined) return {};
  // A block that a restore brought along comes before all records: what it stands for are all of them.
  const isHanded = records.some(({ sequence }) => sequence === taken.failure?.sequence);
  return { failedSequence: isHanded ? taken.failure.sequence : first };
}

/** The first record that is not done; the last one where only its timers are left, so that somebody comes back to them. */
function firstLeft({ meta }: SlotImage, records: readonly StreamRecord[]): string | undefined {
  const left = records.find(
    ({ sequence }) => elementsDone(meta.cursor, sequence) !== Number.POSITIVE_INFINITY,
  );
  return (left ?? records.at(-1))?.sequence;
}

/**
 * protocol 3.7: before the fence nobody promises that what is handed over follows the cursor, so the slot reads up to it by
 * itself. Answers undefined where that is not finished: the batch is given back, and the next one goes on.
 */
async function closeGap(
  environment: SlotEnvironment,
  found: SlotImage,
  first: string,
): Promise<SlotImage | undefined> {
  let image = found;
  for (let round = 0; round < selfReadRoundsMax; round++) {
    const records = await readGap(image, first, environment.time);
    if (records === undefined) return undefined;
    if (records.length === 0 || image.sealed) return image;
    environment.note("selfReads");
    const gap = { records, reachedTip: false, streamEnded: false, isGap: true };
    const taken = await takeRecords(environment, image, gap);
    if (taken.failure !== undefined || taken.stopped === true) return undefined;
    if (taken.outOfTime === true) return undefined;
    image = taken.image;
  }
  return undefined;
}
