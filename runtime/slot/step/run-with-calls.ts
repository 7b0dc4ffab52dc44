import type { SlotImage } from "../image/slot-image.ts";
import { makeCalls } from "./make-calls.ts";
import { runStep, type StepResult } from "./run-step.ts";
import type { StepInput } from "./step.ts";

/**
 * Runs a step whose operators may wait (protocol 3.12): it is run, and undone where calls are missing; these are made together, and it is run again with
 * their answers. Calls may lead to further ones. Where some have not come in the time that there is, the step ends before the first place that lacks one.
 */
export async function runWithCalls(image: SlotImage, input: StepInput): Promise<StepResult> {
  let attempt = input;
  for (;;) {
    const result = runStep(image, attempt);
    if (!("waitsFor" in result))
      return attempt === input ? result : { ...result, isUnfinished: true };
    await makeCalls(image, { calls: result.waitsFor, time: input.time });
    const late = result.waitsFor.find(({ answer }) => answer === undefined);
    if (late !== undefined) attempt = { ...input, stopBefore: { ...late.place, error: undefined } };
  }
}
