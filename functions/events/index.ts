import type { KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";
import { deploymentError } from "../../runtime/errors/millrace-error.ts";
import { type DirectInvocation, directInvocation } from "./direct-invocation.ts";
import type { EventKind, HandedBatch } from "./event-kind.ts";
import { kinesisEvent } from "./kinesis-event.ts";

/** What the process function is invoked with. */
export type ProcessEvent = KinesisStreamEvent | DirectInvocation;
export type ProcessAnswer = KinesisStreamBatchResponse;

/** An event as its kind reads it. */
export interface ReadEvent {
  readonly batch: HandedBatch | undefined;
  readonly answer: (failedSequence: string | undefined) => ProcessAnswer;
}

/** Every kind of event that the function can be invoked with. */
const kinds: readonly EventKind<never, ProcessAnswer>[] = [directInvocation, kinesisEvent];

/** @throws MillraceError `event-unknown` for an event of no kind that is known: nothing of it is passed over as done. */
export function readEvent(event: ProcessEvent): ReadEvent {
  const kind = kinds.find(({ is }) => is(Object(event) as object));
  if (kind === undefined) throw unknown(event);
  return { batch: kind.batchOf(event as never), answer: kind.answer };
}

function unknown(event: unknown): Error {
  const fields = Object.keys(Object(event) as object).slice(0, 10);
  return deploymentError("event-unknown", {
    message: `The process function was invoked with an event that is none of Kinesis or of the coordinator; it has ${fields.length === 0 ? "no fields" : `the fields ${fields.join(", ")}`}.`,
    next: "Let nothing but the event source mappings and the coordinator of its stack invoke the function.",
  });
}
