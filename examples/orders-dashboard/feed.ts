import { setTimeout as wait } from "node:timers/promises";
import { orderEvents, type OrderRecord } from "./order-events.ts";

/** What feeding needs of a stream: the writer that any producer uses. */
export interface RecordWriter {
  put(
    stream: string,
    entries: readonly OrderRecord[],
  ): Promise<readonly { readonly put: boolean }[]>;
}

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
const refusalsMax = 50;
const firstPauseMs = 10;
const longestPauseMs = 1_000;

/**
 * Puts records in the order of their positions. What the stream refuses is put again before anything behind it; a put that throws may have
 * been written, so it is the caller's to decide: whatever is put twice counts once.
 * @throws Error if the stream keeps refusing for most of a minute.
 */
export async function feedOrders(options: FeedOptions): Promise<void> {
  const { seed, from = 0, to, onPut } = options;
  for (let position = from; position < to;) {
    const next = Math.min(position + recordsPerPut, to);
    await putAll(options, [...orderEvents({ seed, from: position, to: next })]);
    position = next;
    onPut?.(position);
    // Whoever reads in this process gets its turn.
    await wait(0);
  }
}

async function putAll(
  { writer, stream }: FeedOptions,
  records: readonly OrderRecord[],
): Promise<void> {
  let missing = records;
  let pauseMs = firstPauseMs;
  for (let refusals = 0; refusals < refusalsMax; refusals++) {
    const results = await writer.put(stream, missing);
    missing = missing.filter((_, index) => results[index]?.put !== true);
    if (missing.length === 0) return;
    await wait(pauseMs);
    pauseMs = Math.min(2 * pauseMs, longestPauseMs);
  }
  throw new Error(
    `Stream "${stream}" refused a record of "${missing[0]?.partitionKey}" ${refusalsMax} times.`,
  );
}
