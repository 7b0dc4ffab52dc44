import type { DeadLetter } from "../../job/dead-letter.ts";
import { packDeadLetters } from "../../job/dead-letter-objects.ts";
import { objectPrefixes } from "../../layout/names.ts";
import { countRefused } from "./refused-writes.ts";
import { deliverWrites } from "./deliver-writes.ts";
import type { Delivery } from "./delivery.ts";
import { deliveryProgress } from "./delivery-mark.ts";
import type { SlotEnvironment } from "../image/environment.ts";
import { placeOf, type SlotImage } from "../image/slot-image.ts";

/**
 * Sends all outputs of a committed version: frames, sink writes and dead letters, side by side (protocol 3.4). Doing it
 * again changes nothing; `isAgain` says that somebody may have begun, so that it goes on where that one ended.
 */
export async function deliver(
  environment: SlotEnvironment,
  image: SlotImage,
  { version, body, isAgain }: Pick<Delivery, "version" | "body"> & { readonly isAgain: boolean },
): Promise<void> {
  const progress = await deliveryProgress(image, version, isAgain);
  const delivery: Delivery = { environment, image, version, body, progress };
  const lanes = [
    deliverFrames(delivery),
    deliverLetters(delivery),
    ...body.writes.map((writes) => deliverWrites(delivery, writes)),
  ];
  // Every lane is waited for, so that none is still under way when the batch is tried again.
  const outcomes = await Promise.allSettled(lanes);
  const failed = outcomes.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") {
    await progress.mark().catch(() => undefined);
    throw failed.reason;
  }
  if (image.meta.version === version) countRefused(image, progress.refused);
}

async function deliverFrames({ environment, image, version, body, progress }: Delivery) {
  if (body.blocks.length === 0 || progress.doneOf("frames") > 0) return;
  await environment.sender.send({
    ...placeOf(image),
    plan: image.job.plan.fingerprint,
    version,
    epoch: body.meta.epoch,
    blocks: body.blocks,
  });
  progress.advance("frames", 1);
}

async function deliverLetters({ image, version, body, progress }: Delivery): Promise<void> {
  const { ports } = image.job;
  const letters = body.deadLetters;
  const done = progress.doneOf("letters");
  if (letters.length === 0 || done >= letters.length) return;
  const prefix = objectPrefixes.deadLetters(placeOf(image));
  const nameOf = (index: number): string => `${prefix}${version}-${index}.jsonl`;
  for (const { key, data } of packDeadLetters(letters, nameOf)) await ports.objects.put(key, data);
  progress.advance("letters", letters.length);
  ports.telemetry.count("deadLetters", letters.length);
  ports.telemetry.alarm("dead-letters", {
    slot: image.slot.name,
    version,
    count: letters.length,
    first: letters[0]?.reason ?? "",
    ...aboutFirst(letters[0]),
  });
}

/** Which operator refused it, where that stands, and where what it threw comes from. */
function aboutFirst(letter: DeadLetter | undefined): Readonly<Record<string, string>> {
  const { title: operator, definedAt, error, thrownAt } = letter ?? {};
  return {
    ...(operator !== undefined && { operator }),
    ...(definedAt !== undefined && { definedAt }),
    ...(error !== undefined && { error }),
    ...(thrownAt !== undefined && { thrownAt }),
  };
}
