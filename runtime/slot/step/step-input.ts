import { deploymentError } from "../../errors/millrace-error.ts";
import type { StreamRecord } from "../../ports/index.ts";
import type { InvocationTime } from "../image/invocation-time.ts";
import type { SlotImage } from "../image/slot-image.ts";
import { type ExchangeInput, openExchangeRecords } from "./slot-input.ts";
import type { FailedPlace, StepInput } from "./step.ts";

export interface ReadRecords {
  readonly records: readonly StreamRecord[];
  readonly reachedTip: boolean;
  readonly streamEnded: boolean;
  /** The records lie between the cursor and what was handed over: they are no fence. */
  readonly isGap?: boolean;
  /** A takeover that was begun is being finished: also where the source has stopped (protocol 6.7). */
  readonly isHelp?: boolean;
  /** The source ends here for the job, whatever its stream still holds (protocol 6.7). */
  readonly drains?: boolean;
  /** The watermark behind all of the source's slots. */
  readonly watermarkMs?: number;
  readonly failedPlaces?: ReadonlyMap<string, FailedPlace>;
}

/** Brings everything into memory that a step over these records needs, as far as there is room for it. */
export async function prepareInput(
  image: SlotImage,
  read: ReadRecords,
  time: InvocationTime,
): Promise<StepInput> {
  const { job, slot } = image;
  const isSource = slot.source !== undefined;
  const opened = isSource ? undefined : await openExchangeRecords(image, read.records);
  const exchange = opened?.inputs ?? [];
  refuseOtherPlans(image, exchange);
  return {
    records: isSource ? read.records : [],
    exchange,
    isPartial: opened?.isPartial ?? false,
    time,
    nowMs: job.ports.clock.nowMs(),
    reachedTip: read.reachedTip,
    streamEnded: read.streamEnded,
    isGap: read.isGap ?? false,
    ...(read.drains === true ? { drains: true } : {}),
    ...(read.watermarkMs === undefined ? {} : { watermarkMs: read.watermarkMs }),
    failedPlaces: read.failedPlaces ?? new Map(),
  };
}

/** protocol 3.9: a slot that meets another plan of its generation stops; the newer deployment goes on. */
function refuseOtherPlans(image: SlotImage, inputs: readonly ExchangeInput[]): void {
  const { job, slot } = image;
  for (const input of inputs) {
    if (input.kind === "foreign") continue;
    const sent = input.kind === "frame" ? input.frame : input.tick;
    if (sent.plan === job.plan.fingerprint) continue;
    throw deploymentError("plan-other", {
      message: `Slot ${slot.name} runs plan ${job.plan.fingerprint} and received a ${input.kind} of plan ${sent.plan}.`,
      next: "Finish the deployment, so that all functions run one version of the job.",
    });
  }
}
