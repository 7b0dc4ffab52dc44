import { setAgainMax, type Subtask } from "../operators/subtask.ts";
import { UserCodeFailure } from "../operators/contract.ts";
import type { DueTimer } from "../state/timer-queue.ts";
import { failedTimer } from "./dead-letter.ts";
import { addDeadLetter, operatorOf, placeOf, type StepRun } from "./step.ts";

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

/** Fires what no element and no tick releases: timers of processing time, and those set behind the final watermark. */
export function fireDue(run: StepRun, subtasks: Iterable<Subtask>): void {
  for (const subtask of subtasks) {
    fireProcessing(run, subtask);
    fireBehindEnd(run, subtask);
  }
}

export function fireBehindEnd(run: StepRun, subtask: Subtask): void {
  subtask.fireBehindEnd((_, timer) => mayFire(run, subtask, timer));
  run.timer = undefined;
}

/** Notes which timer is in hand; one that failed for good becomes a dead letter and does not fire. */
function mayFire(run: StepRun, subtask: Subtask, timer: DueTimer): boolean {
  run.timer = { subtask, timer };
  const failure = subtask.isEndless(timer) ? { error: endless(subtask, timer) } : failureOf(run);
  if (failure === undefined) return true;
  const content = failedTimer(failure.error, {
    stage: subtask.stage.id,
    name: nameOf(subtask, timer),
    key: timer.record.key,
    timeMs: timer.timeMs,
  });
  addDeadLetter(run, content, operatorOf(failure.error));
  return false;
}

/** What the timer in hand failed with for good; undefined where it may fire. */
function failureOf(run: StepRun): { readonly error: unknown } | undefined {
  const { failedPlaces } = run.input;
  return failedPlaces.size === 0 ? undefined : failedPlaces.get(placeOf(run));
}

/** protocol 4.8: at the end of the input all times have come, so a timer that always sets itself again would never be over. */
function endless(subtask: Subtask, timer: DueTimer): UserCodeFailure {
  const name = nameOf(subtask, timer);
  const uid = name.slice(0, name.indexOf("/"));
  const failure = new UserCodeFailure(
    uid,
    new Error(
      `Timer "${name}" has set itself again ${setAgainMax} times behind the end of its input, and is not fired any more.`,
    ),
  );
  failure.site = { operator: `${subtask.stage.id}/${uid}`, key: timer.record.key };
  return failure;
}

function nameOf(subtask: Subtask, { cell, mapKey }: DueTimer): string {
  return `${subtask.state.cellNames()[cell]}/${String(mapKey)}`;
}
