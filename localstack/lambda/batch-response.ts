import { isFields } from "../../runtime/serde/fields.ts";
import type { StreamRecord } from "../../runtime/ports/index.ts";
import type { BatchOutcome } from "../../runtime/event-source/mapping-options.ts";
import type { InvocationResult } from "./runtime-api.ts";

/**
 * Reads a function's answer as AWS documents it for streams: without ReportBatchItemFailures only an error counts; with it, the
 * lowest sequence number that is named, and nothing named is a success
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html). What AWS says nothing about (an answer that is
 * no such object, a number that is not in the batch) fails all of it, which loses nothing.
 */
export function batchOutcome(
  { functionError, payload }: InvocationResult,
  records: readonly StreamRecord[],
  reportsItemFailures: boolean,
): BatchOutcome {
  if (functionError !== undefined) return { kind: "failed" };
  if (!reportsItemFailures || payload.trim() === "") return { kind: "succeeded" };
  const failures = failuresOf(payload);
  if (failures === undefined) return { kind: "failed" };
  let lowest = records.length;
  for (const failure of failures) {
    const index = records.findIndex(({ sequence }) => sequence === failure);
    if (index === -1) return { kind: "failed" };
    lowest = Math.min(lowest, index);
  }
  return lowest === records.length ? { kind: "succeeded" } : { kind: "failed-from", index: lowest };
}

/** The identifiers that an answer names; undefined where it can't be understood. */
function failuresOf(payload: string): readonly unknown[] | undefined {
  const answer = parsed(payload);
  if (answer === null) return [];
  if (typeof answer !== "object" || Array.isArray(answer)) return undefined;
  const { batchItemFailures = [] } = answer as { readonly batchItemFailures?: unknown };
  if (batchItemFailures === null) return [];
  if (!Array.isArray(batchItemFailures)) return undefined;
  // A bad key name, null or an empty text is no record's sequence number.
  return batchItemFailures.map((failure: unknown) =>
    isFields(failure) ? failure["itemIdentifier"] : undefined,
  );
}

function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload) as unknown;
  } catch {
    return undefined;
  }
}
