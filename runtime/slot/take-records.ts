import { messageOf, storeError } from "../errors/millrace-error.ts";
import { UserCodeFailure } from "../operators/contract.ts";
import { catchUp } from "./catch-up.ts";
import { commitStep, type StepOutcome } from "./commit/commit-step.ts";
import { commitCut, nextWork } from "./commit/cut.ts";
import type { SlotEnvironment } from "./image/environment.ts";
import { retryJudge } from "./step/retries.ts";
import type { SlotImage } from "./image/slot-image.ts";
import { slotPhase } from "./image/slot-phase.ts";
import type { FailedPlace, StepInput } from "./step/step.ts";
import { prepareInput, type ReadRecords } from "./step/step-input.ts";

export interface TakenRecords {
  /** The slot as it is now: another object where the image had to be loaded anew. */
  readonly image: SlotImage;
  /** User code failed here, and the record is to be tried again. */
  readonly failure?: FailedPlace;
  /** The job stops, and a source takes nothing any more: the records are left. */
  readonly stopped?: boolean;
  /** The invocation's time is nearly over: what is left is for the next one. */
  readonly outOfTime?: boolean;
}

/** Below this share of its time an invocation begins no further step. */
const reservedShare = 0.25;

/** Races that one batch may lose before it gives its records back. */
const lostRacesMax = 20;

/**
 * Processes records that follow the slot's cursor: steps and commits, catches up after a lost race, and sends what keeps
 * failing to the dead letters once its attempts are used up (protocol 8.1).
 */
export async function takeRecords(
  environment: SlotEnvironment,
  taken: SlotImage,
  read: ReadRecords,
): Promise<TakenRecords> {
  try {
    const result = await takeSteps(environment, taken, read);
    result.image.program.calls.clear();
    return result;
  } finally {
    // protocol 3.12: nobody waits for a call behind its batch.
    taken.program.calls.clear();
  }
}

async function takeSteps(
  environment: SlotEnvironment,
  taken: SlotImage,
  read: ReadRecords,
): Promise<TakenRecords> {
  const judge = retryJudge(environment.job.graph.options);
  const failedPlaces = new Map<string, FailedPlace>();
  let image = taken;
  let input: StepInput | undefined;
  for (let lost = 0; lost < lostRacesMax;) {
    const phase = slotPhase(image);
    // protocol 6.7: a takeover goes on with a source that has stopped, but nothing comes behind the end of a drained one.
    const isStopped = phase === "drained" || (phase === "stopped" && read.isHelp !== true);
    if (isStopped && read.drains !== true) return { image, stopped: true };
    input ??= await prepareInput(image, { ...read, failedPlaces }, environment.time);
    const work = nextWork(image, input);
    const outcome: StepOutcome =
      work.kind === "cut"
        ? (await commitCut(environment, image, work.epoch))
          ? { kind: "done", isUnfinished: false }
          : { kind: "lost" }
        : await commitStep(environment, image, work.input);
    forget(failedPlaces, outcome);
    if (outcome.kind === "lost") {
      lost += 1;
      input = undefined;
      image.program.calls.clear();
      image = (await catchUp(environment, image.generation, image.slot)) ?? image;
      // protocol 5.2: behind a seal nothing is processed; the children have it.
      if (image.sealed) return { image };
      continue;
    }
    const { failure } = outcome;
    if (failure === undefined) {
      if (
        work.kind === "step" &&
        work.isLast &&
        !outcome.isUnfinished &&
        slotPhase(image) !== "firing"
      )
        return { image };
      if (environment.time.shareLeft() < reservedShare) return { image, outOfTime: true };
      // What was opened is done: the next records take its room.
      if (work.kind === "step" && work.input === input && !outcome.isUnfinished) input = undefined;
      continue;
    }
    const { attempts, delayMs } = await judge(image, failure);
    logFailure(image, failure, attempts);
    if (delayMs !== undefined) {
      // A longer delay than the invocation lasts goes on with the next one: killed while it waits, it would be an error.
      const patienceMs = environment.time.remainingMs() * (1 - reservedShare);
      await environment.job.ports.clock.sleep(Math.max(0, Math.min(delayMs, patienceMs)));
      return { image, failure };
    }
    // What fails although its place is passed over can't be mended here: the batch is given back, and somebody is told.
    if (failedPlaces.has(failure.place)) throw failure.error;
    failedPlaces.set(failure.place, failure);
  }
  throw storeError("races-lost", {
    message: `Slot ${image.slot.name} lost ${lostRacesMax} commits in a row to other invocations.`,
    next: "The batch is tried again; check that the event source mapping's parallelization factor is 1.",
    retryable: true,
  });
}

/** A place is passed over until it is written off, and no longer. */
function forget(failedPlaces: Map<string, FailedPlace>, outcome: StepOutcome): void {
  // Whoever was faster may have written them off: what still fails has no attempts left, and is found at once.
  if (outcome.kind === "lost") return failedPlaces.clear();
  // A window that failed lives on: its timer may come again, and is written off anew only where it fails anew.
  for (const place of outcome.writtenOff ?? []) failedPlaces.delete(place);
}

function logFailure(image: SlotImage, failure: FailedPlace, attempts: number): void {
  const { error } = failure;
  image.job.ports.telemetry.log("warn", "user code failed", {
    slot: image.slot.name,
    version: image.meta.version,
    place: failure.place,
    operator: UserCodeFailure.is(error) ? error.operator : "",
    error: messageOf(error),
    attempts,
  });
}
