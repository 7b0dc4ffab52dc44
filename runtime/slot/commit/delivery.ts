import { storeError } from "../../errors/millrace-error.ts";
import type { CommitBody } from "../image/commit-body.ts";
import type { DeliveryProgress } from "./delivery-mark.ts";
import type { SlotEnvironment } from "../image/environment.ts";
import type { SlotImage } from "../image/slot-image.ts";

/** What one commit sends, and to whom: handed from one lane of its delivery to the next. */
export interface Delivery {
  readonly environment: SlotEnvironment;
  readonly image: SlotImage;
  readonly version: number;
  readonly body: CommitBody;
  readonly progress: DeliveryProgress;
}

/** protocol 3.4: the time of this invocation is over, and what is delivered is marked: the next one goes on from there. */
export function outOfTime({ image, version }: Delivery): Error {
  return storeError("delivery-unfinished", {
    message: `Version ${version} of slot ${image.slot.name} has more outputs than this invocation has time to deliver.`,
    next: "The batch is tried again and goes on where this one ended; give the function more time if this lasts.",
    retryable: true,
  });
}
