import { inputError, messageOf } from "../../errors/millrace-error.ts";
import type { CallRetries } from "../../graph/map-async.ts";
import type { CallAnswer } from "../../operators/contract.ts";
import type { Clock } from "../../ports/index.ts";
import { copyInPassing } from "../../serde/copy-value.ts";
import type { Call } from "../program/call-book.ts";

/** Makes a call, and again where it fails and its retries allow it. Never throws. */
export async function answerOf(call: Call, clock: Clock): Promise<CallAnswer> {
  const { fn, retries } = call.node;
  const { signal } = call.abort;
  for (let attempt = 1; ; attempt++) {
    try {
      // The function may change what it is given, and it may be called again.
      return {
        value: await fn(copyInPassing(call.value), { signal, attempt, resource: call.resource }),
      };
    } catch (thrown) {
      const isLast = attempt > retries.attempts || signal.aborted;
      if (isLast || !isWorthIt(retries, thrown)) return { error: failed(call, attempt, thrown) };
      await clock.sleep(delayMs(retries, attempt));
      if (signal.aborted) return { error: failed(call, attempt, thrown) };
    }
  }
}

/** What stands for an answer that has not come in time. */
export function timedOut({ node, value }: Call): CallAnswer {
  const { uid, onTimeout, timeoutMs } = node;
  try {
    if (onTimeout !== undefined) return { value: onTimeout(copyInPassing(value)) };
  } catch (thrown) {
    return { error: thrown };
  }
  return {
    error: inputError("call-timed-out", {
      uid,
      message: `mapAsync "${uid}" has had no answer for ${timeoutMs} ms.`,
      next: "Replay the dead letter, give it more time, or give it onTimeout(value), which answers instead.",
    }),
  };
}

function isWorthIt({ when }: CallRetries, thrown: unknown): boolean {
  try {
    return when === undefined || when(thrown);
  } catch {
    return false;
  }
}

function delayMs(
  { delayMs: firstMs, multiplier, maxDelayMs }: CallRetries,
  attempt: number,
): number {
  return Math.min(maxDelayMs, firstMs * multiplier ** (attempt - 1));
}

/** Of the input domain: the job's restart strategy does not make it again, retries are the operator's own. */
function failed({ node: { uid } }: Call, attempts: number, thrown: unknown): Error {
  const times = attempts === 1 ? "" : ` ${attempts} times, at last`;
  return inputError("call-failed", {
    uid,
    message: `mapAsync "${uid}" failed${times}: ${messageOf(thrown)}`,
    next: "Replay the dead letter when what it calls works again; retry says how often it is tried before.",
    cause: thrown,
  });
}
