import { inputError } from "../errors/millrace-error.ts";
import type { ReadRequest, ReadResult, StreamPosition, StreamRecord } from "../ports/streams.ts";
import type { ShardState } from "./shard-layout.ts";

const maxReadRecords = 10_000;
const decimal = /^\d{1,16}$/;

/** What a read needs to know of its shard. */
export type ShardEnds = Pick<ShardState, "firstSequence" | "nextSequence" | "closed">;

export function checkReadRequest({ maxRecords }: ReadRequest): void {
  if (!Number.isInteger(maxRecords) || maxRecords < 1 || maxRecords > maxReadRecords) {
    throw inputError("read-size-invalid", {
      message: `A read was to give ${maxRecords} records; it takes a whole number from 1 to ${maxReadRecords}.`,
    });
  }
}

/** The sequence number at which a read begins; of a time it is asked for. */
export function firstSequenceOf(
  from: StreamPosition,
  { firstSequence }: ShardEnds,
  sequenceAtTime: (timeMs: number) => number,
): number {
  switch (from.kind) {
    case "earliest":
      return firstSequence;
    case "time":
      return sequenceAtTime(from.timeMs);
    case "at":
      return Math.max(firstSequence, sequenceNumber(from.sequence));
    case "after":
      return Math.max(firstSequence, sequenceNumber(from.sequence) + 1);
  }
}

/** The answer of a read: `ends` must have been read before the records were. */
export function readResult(
  from: StreamPosition,
  records: readonly StreamRecord[],
  ends: ShardEnds,
): ReadResult {
  const last = records.at(-1);
  const atTip = last === undefined || Number(last.sequence) >= ends.nextSequence - 1;
  const next = last === undefined ? from : ({ kind: "after", sequence: last.sequence } as const);
  return { records, atTip, ended: atTip && ends.closed, next };
}

function sequenceNumber(text: string): number {
  if (!decimal.test(text)) {
    throw inputError("sequence-invalid", {
      message: `"${text}" is not a sequence number of an embedded stream, which has 1 to 16 digits.`,
      next: "Use positions of this stream only; those of another store don't fit.",
    });
  }
  return Number(text);
}
