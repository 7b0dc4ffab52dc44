import { msBetween } from "../../job/ms-between.ts";
import { isMillraceError } from "../../errors/millrace-error.ts";
import type { RestartOptions, RestartStrategy } from "../../graph/restart-strategy.ts";
import type { JobRuntime } from "../../job/job-runtime.ts";
import type { Hopeless, RetryMemory } from "../../job/retry-memory.ts";
import { slotRows } from "../../layout/names.ts";
import { UserCodeFailure } from "../../operators/contract.ts";
import { fromControlValue, toControlValue } from "../../serde/control-value.ts";
import type { SlotImage } from "../image/slot-image.ts";
import { delayBefore, timesKept } from "./restart-delay.ts";
import type { FailedPlace } from "./step.ts";

/** So many places of one element are counted; more of them get no further attempts. */
const placesMax = 100;
/** After so many places that no attempt helped, the next ones that fail alike are not tried again. */
const hopelessPlaces = 3;
/** But one after this long, to see whether it helps by now. */
const probeIntervalMs = 60_000;
/** So many kinds of failures are remembered, those that were last given up. */
const kindsMax = 20;

export interface Verdict {
  /** How often the place has failed, where that was counted. */
  readonly attempts: number;
  /** How long to wait before the step is tried again; undefined where it is not. */
  readonly delayMs?: number;
}

/**
 * Decides whether a step is tried again where it failed (protocol 8.1). One judge serves one batch. A failed batch commits nothing,
 * so what is counted has a row of its own. All places of an element are counted: it is committed whole, so those that were given up
 * fail again with every attempt of the others.
 */
export function retryJudge(options: RestartOptions) {
  /** Kinds of failures that were given up in this batch: what is tried again is the step, not each of its elements. */
  const givenUp = new Set<string>();
  let known: { readonly rank: number; readonly memory: RetryMemory | undefined } | undefined;

  async function note(image: SlotImage, memory: RetryMemory): Promise<void> {
    const rank = (known?.rank ?? 0) + 1;
    const row = { ...keyOf(image), rank, value: toControlValue(memory) };
    await image.job.ports.control.put(row, { kind: "always" });
    known = { rank, memory };
  }

  return async (image: SlotImage, failure: FailedPlace): Promise<Verdict> => {
    const kind = kindOf(failure.error);
    const strategy = strategyOf(options, failure.error);
    if (strategy.kind === "none" || isInputFault(failure.error) || givenUp.has(kind))
      return { attempts: 1 };
    known ??= await readMemory(image);
    const { clock, random } = image.job.ports;
    const nowMs = clock.nowMs();
    const { attempts, hopeless, failedAtMs } = memoryOf(known.memory, elementOf(failure));
    const { place } = failure;
    const isNew = attempts[place] === undefined;
    if (isNew && (Object.keys(attempts).length >= placesMax || isHopeless(hopeless[kind], nowMs)))
      return { attempts: 1 };
    const count = (attempts[place] ?? 0) + 1;
    const times = [...(failedAtMs[place] ?? []), nowMs].slice(-timesKept(strategy));
    const delayMs = delayBefore(strategy, { count, times, random });
    await note(image, {
      element: elementOf(failure),
      attempts: { ...attempts, [place]: count },
      ...(strategy.kind === "failure-rate" && { failedAtMs: { ...failedAtMs, [place]: times } }),
      ...(delayMs !== undefined && { trying: kind, againAtMs: nowMs + delayMs, delayMs }),
      hopeless: delayMs === undefined ? oneMore(hopeless, kind, nowMs) : hopeless,
    });
    if (delayMs === undefined) givenUp.add(kind);
    return { attempts: count, ...(delayMs !== undefined && { delayMs }) };
  };
}

/** The strategy of the operator whose code has failed, else that of the job. */
function strategyOf({ restart, operatorRestart }: RestartOptions, error: unknown): RestartStrategy {
  const operator = UserCodeFailure.is(error) ? error.operator : "";
  return operatorRestart !== undefined && Object.hasOwn(operatorRestart, operator)
    ? (operatorRestart[operator] as RestartStrategy)
    : restart;
}

/** Whether a slot waits for its next attempt: nobody else may begin one, or the delay between two would not be kept (protocol 8.1). */
export async function waitsForAttempt(
  { ports, plan }: JobRuntime,
  place: { readonly generation: number; readonly slot: string },
): Promise<boolean> {
  const row = await ports.control.get({
    partition: slotRows.retries(plan.job, place.generation),
    sort: place.slot,
  });
  if (row === undefined) return false;
  const { againAtMs, delayMs = 0 } = fromControlValue<RetryMemory>(row);
  if (againAtMs === undefined) return false;
  const leftMs = againAtMs - ports.clock.nowMs();
  // Clocks differ: it is never longer than the delay itself.
  return leftMs > 0 && leftMs <= delayMs;
}

/** What is known when an element fails. Where another one was being tried again before, that has helped. */
function memoryOf(
  memory: RetryMemory | undefined,
  element: string,
): Required<Pick<RetryMemory, "attempts" | "hopeless" | "failedAtMs">> {
  const { attempts = {}, trying, hopeless = {}, failedAtMs = {} } = memory ?? {};
  if (memory?.element === element) return { attempts, hopeless, failedAtMs };
  const { [trying ?? ""]: _, ...others } = hopeless;
  return { attempts: {}, hopeless: others, failedAtMs: {} };
}

function isHopeless(known: Hopeless | undefined, nowMs: number): boolean {
  if (known === undefined || known.places < hopelessPlaces) return false;
  // Clocks differ: a time that is still to come is no reason to wait for it.
  return msBetween(nowMs, known.atMs) < probeIntervalMs;
}

function oneMore(
  hopeless: Readonly<Record<string, Hopeless>>,
  kind: string,
  atMs: number,
): Readonly<Record<string, Hopeless>> {
  const { [kind]: before, ...others } = hopeless;
  const kept = Object.entries(others).toSorted(([, one], [, other]) => other.atMs - one.atMs);
  const places = (before?.places ?? 0) + 1;
  return { ...Object.fromEntries(kept.slice(0, kindsMax - 1)), [kind]: { places, atMs } };
}

async function readMemory(image: SlotImage) {
  const row = await image.job.ports.control.get(keyOf(image));
  return row === undefined
    ? { rank: 0, memory: undefined }
    : { rank: row.rank, memory: fromControlValue<RetryMemory>(row) };
}

function keyOf({ job, generation, slot }: SlotImage) {
  return {
    partition: slotRows.retries(job.plan.job, generation.generation),
    sort: slot.name,
  };
}

function elementOf({ atStart, atEnd, sequence, element }: FailedPlace): string {
  if (atStart === true) return "start";
  return atEnd ? "end" : `${sequence}/${element}`;
}

const kindMaxLength = 200;

/** Failures are alike where one operator throws errors of one name. */
function kindOf(error: unknown): string {
  const operator = UserCodeFailure.is(error) ? (error.site?.operator ?? error.operator) : "";
  return `${operator} ${errorName(causeOf(error))}`.slice(0, kindMaxLength);
}

function errorName(thrown: unknown): string {
  try {
    if (isMillraceError(thrown)) return thrown.code;
    return thrown instanceof Error ? String(thrown.name) : typeof thrown;
  } catch {
    return "unreadable";
  }
}

/** What is wrong with the element itself, such as a key that can't be one, is wrong the next time as well. */
function isInputFault(error: unknown): boolean {
  const origin = causeOf(error);
  return isMillraceError(origin) && origin.domain === "input";
}

function causeOf(error: unknown): unknown {
  return UserCodeFailure.is(error) ? error.cause : error;
}
