import { putRecords, type RecordWriter } from "millrace/dev";
import { orderEvents } from "./order-events.ts";

export interface FeedOptions {
  readonly writer: RecordWriter;
  readonly stream: string;
  readonly seed: number;
  /** Position to begin at: what `onPut` was told last, to go on where an earlier feed ended. Default: 0. */
  readonly from?: number;
  /** Position at which feeding ends. */
  readonly to: number;
  /** Told after each put: every record before this position is in the stream. */
  readonly onPut?: (nextPosition: number) => void;
}

const recordsPerPut = 500;

/**
 * Puts records in the order of their positions. A put that throws may have been written, so it is the caller's to decide: whatever is put
 * twice counts once.
 */
export async function feedOrders(options: FeedOptions): Promise<void> {
  const { writer, stream, seed, from = 0, to, onPut } = options;
  for (let position = from; position < to;) {
    const next = Math.min(position + recordsPerPut, to);
    const entries = [...orderEvents({ seed, from: position, to: next })];
    await putRecords({ writer, stream, entries });
    position = next;
    onPut?.(position);
  }
}
