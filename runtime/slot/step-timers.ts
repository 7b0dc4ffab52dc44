import type { Subtask } from "../operators/subtask.ts";
import type { DueTimer } from "../state/timer-queue.ts";
import { describeFailure } from "./dead-letter.ts";
import { addDeadLetter, placeOf, type StepRun } from "./step.ts";

/** Raises a subtask's watermark and fires the timers that it releases. */
export function advance(run: StepRun, subtask: Subtask, watermarkMs: number): void {
  if (watermarkMs <= subtask.watermarkMs) return;
  subtask.advance(watermarkMs, (_, timer) => mayFire(run, subtask, timer));
  run.timer = undefined;
}

/** Fires the processing-time timers that are due by the batch's clock. */
export function fireProcessing(run: StepRun, subtask: Subtask): void {
  subtask.fireProcessing((_, timer) => mayFire(run, subtask, timer));
  run.timer = undefined;
}

/** Notes which timer is in hand; one that failed for good becomes a dead letter and does not fire. */
function mayFire(run: StepRun, subtask: Subtask, timer: DueTimer): boolean {
  run.timer = { subtask, timer };
  const { failedPlaces } = run.input;
  if (failedPlaces.size === 0) return true;
  const failed = failedPlaces.get(placeOf(run));
  if (failed === undefined) return true;
  addDeadLetter(run, {
    kind: "user-code",
    ...describeFailure(failed.error),
    timer: {
      stage: subtask.stage.id,
      name: `${subtask.state.cellNames()[timer.cell]}/${String(timer.mapKey)}`,
      key: timer.record.key,
      timeMs: timer.timeMs,
    },
    payload: "",
  });
  return false;
}
