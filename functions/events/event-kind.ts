import type { Batch } from "../../runtime/slot/process-batch.ts";

/** What a batch is, without how much time there is for it. */
export type HandedBatch = Omit<Batch, "deadline">;

/** How one kind of event is read, and what is answered: a source of events is a module with one of these, and a line in the registry. */
export interface EventKind<Event, Answer> {
  readonly is: (event: object) => boolean;
  /** The batch that the event hands over; undefined where there is nothing in it. */
  readonly batchOf: (event: Event) => HandedBatch | undefined;
  /** All records from `failedSequence` on are to be handed over again; undefined: everything is done. */
  readonly answer: (failedSequence: string | undefined) => Answer;
}
