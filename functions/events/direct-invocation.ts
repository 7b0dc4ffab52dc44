import type { KinesisStreamBatchResponse } from "aws-lambda";
import type { SlotInvocation } from "../../runtime/ports/index.ts";
import type { EventKind } from "./event-kind.ts";

/** By the coordinator: the slot is to look for itself. */
export interface DirectInvocation {
  readonly millrace: SlotInvocation;
}

export const directInvocation: EventKind<DirectInvocation, KinesisStreamBatchResponse> = {
  is: (event) => "millrace" in event,
  batchOf: ({ millrace }) => ({ ...millrace, records: [] }),
  // Nobody hands it over again: the coordinator looks at what the slot shows.
  answer: () => ({ batchItemFailures: [] }),
};
