import { jobError } from "../../errors/millrace-error.ts";
import type { MapAsyncNode } from "../../graph/map-async.ts";
import { synchronous } from "../../graph/synchronous.ts";
import { failIn, type Push } from "../contract.ts";
import { newAlone, type NodeParts, type OperatorSpec } from "../spec.ts";

export const mapAsync: OperatorSpec<MapAsyncNode> = {
  inputs: "one",
  resources: ({ resources }) => resources ?? [],
  functions: ({ onTimeout, retries: { when } }) => ({ onTimeout, when }),
  changelog: newAlone(
    "A call may answer otherwise the next time, so that nobody could take its result back. Put what changes its results behind it",
  ),
  check: checkOptions,
  create: mapAsyncPush,
};

/**
 * protocol 3.12: a call is asked for by its place in the step. Where its answer is not there yet, the element goes no further: the step is undone,
 * and run again when the calls are made.
 */
function mapAsyncPush(
  node: MapAsyncNode,
  { name: operator, output, call, resource }: NodeParts,
): Push {
  const { uid } = node;
  return (value, timestampMs, change) => {
    const answer = call({ operator, node, value, resource });
    if (answer === undefined) return;
    if ("error" in answer) failIn(uid, answer.error);
    else output.emit(synchronous(answer.value, "mapAsync"), timestampMs, change);
  };
}

const limitMax = 1_000;
/** What is waited for longer would not be waited for at all: timers of JavaScript engines count no further. */
const waitMaxMs = 2 ** 31 - 1;

function checkOptions({ uid, capacity, timeoutMs, retries }: MapAsyncNode): void {
  const { attempts, delayMs, multiplier, maxDelayMs } = retries;
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > limitMax)
    throw invalid(uid, `capacity is ${capacity}; it must be a whole number from 1 to ${limitMax}`);
  if (timeoutMs < 1) throw invalid(uid, `timeout is ${timeoutMs} ms; it must be at least 1`);
  if (!Number.isInteger(attempts) || attempts < 0 || attempts > limitMax)
    throw invalid(
      uid,
      `retry.attempts is ${attempts}; it must be a whole number up to ${limitMax}`,
    );
  if (delayMs < 0 || maxDelayMs < delayMs || maxDelayMs > waitMaxMs)
    throw invalid(
      uid,
      `retry waits ${delayMs} ms, and at most ${maxDelayMs} ms; both must be from 0 to ${waitMaxMs}, the delay no longer than the longest`,
    );
  if (!(multiplier >= 1 && multiplier <= limitMax))
    throw invalid(uid, `retry.multiplier is ${multiplier}; it must be from 1 to ${limitMax}`);
}

function invalid(uid: string, fault: string): Error {
  return jobError("calls-invalid", {
    uid,
    message: `Of mapAsync "${uid}" ${fault}.`,
    next: "Write for example { capacity: 50, timeout: { seconds: 5 }, retry: { attempts: 3, delay: { milliseconds: 200 }, multiplier: 2 } }.",
  });
}
