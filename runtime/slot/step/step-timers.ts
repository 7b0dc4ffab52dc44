import { setAgainMax, type Subtask, type TimerGate } from "../../operators/subtask.ts";
import { UserCodeFailure } from "../../operators/contract.ts";
import { timerText } from "../../state/timer-name.ts";
import type { DueTimer } from "../../state/timer-queue.ts";
import { failedTimer } from "../../job/dead-letter.ts";
import type { SourceProgress } from "../../job/slot-meta.ts";
import type { SourceProgram } from "../program/slot-program.ts";
import { addDeadLetter, failedForGood, operatorOf, placeOf, type StepRun } from "./step.ts";

/** Raises a subtask's watermark and fires the timers that it releases; some may be left for the next step. */
export function advance(run: StepRun, subtask: Subtask, watermarkMs: number): void {
  if (watermarkMs <= subtask.watermarkMs) return;
  subtask.advance(watermarkMs, (_, timer) => mayFire(run, subtask, timer));
  run.timer = undefined;
}

/**
 * Fires what a step before has left of the timers that watermarks had released (protocol 3.2). In a source's slot the stages
 * that it had not come to follow.
 */
export function stepResumed(run: StepRun, source: SourceProgram | undefined): void {
  for (const subtask of run.program.subtasks.values()) {
    if (subtask.firing) subtask.resume((_, timer) => mayFire(run, subtask, timer));
    run.timer = undefined;
    if (run.isCutShort || isStopped(run)) return;
  }
  const { source: progress } = run.draft;
  if (source === undefined || progress === undefined) return;
  const ms = progress.ended ? Number.POSITIVE_INFINITY : sourceWatermark(source, progress);
  for (const subtask of source.aligned) {
    advance(run, subtask, ms);
    if (run.isCutShort || isStopped(run)) return;
  }
}

/** As Flink's BoundedOutOfOrdernessWatermarks: one millisecond below the highest timestamp less the bound; or what its generator said. */
export function sourceWatermark(
  source: SourceProgram,
  { maxTimestampMs, generator }: Pick<SourceProgress, "maxTimestampMs" | "generator">,
): number {
  const { kind, boundMs } = source.node.watermarks;
  if (kind === "custom") return generator?.watermarkMs ?? Number.NEGATIVE_INFINITY;
  return kind === "none" ? Number.NEGATIVE_INFINITY : maxTimestampMs - boundMs - 1;
}

function isStopped({ input, fired }: StepRun): boolean {
  return input.stopBefore !== undefined && fired.at(-1) === input.stopBefore.place;
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
function mayFire(run: StepRun, subtask: Subtask, timer: DueTimer): ReturnType<TimerGate> {
  run.isCutShort ||= run.budget.isSpent();
  if (run.isCutShort) return "stop";
  run.timer = { subtask, timer, left: subtask.leftOf(timer) };
  const { resumes, stopBefore } = run.input;
  if (resumes === true) {
    const place = placeOf(run);
    run.fired.push(place);
    if (stopBefore?.place === place) return "stop";
  }
  run.budget.taken += 1;
  const failure = subtask.isEndless(timer)
    ? { error: endless(subtask, timer) }
    : failedForGood(run);
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
  return `${subtask.state.cellNames()[cell]}/${timerText(mapKey)}`;
}
