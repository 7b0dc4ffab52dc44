import { storeError } from "../runtime/errors/millrace-error.ts";
import { systemClock, systemRandom } from "../runtime/node/system-environment.ts";
import type { Clock, PutEntry } from "../runtime/ports/index.ts";
import { retry, type RetryPolicy, tryOf } from "../runtime/retry/retry.ts";

/** What feeding needs of a stream: the writer that any producer uses. */
export interface RecordWriter {
  put(stream: string, entries: readonly PutEntry[]): Promise<readonly { readonly put: boolean }[]>;
}

export interface RecordsToPut {
  readonly writer: RecordWriter;
  readonly stream: string;
  /** At most 500: what one put takes. */
  readonly entries: readonly PutEntry[];
  /** Gives up, without an error, once this is true. Default: never. */
  readonly isStopped?: () => boolean;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/** Puts in a row of which a stream takes nothing, before it is given up: about twenty seconds of pauses. */
const puts: RetryPolicy = { triesMax: 50, firstPauseMs: 20, pauseMaxMs: 1_000 };

/**
 * Puts records. What the stream refuses for the moment is put again before this returns, so before anything behind it; a put that throws
 * may have been written, so it is the caller's to decide.
 * @throws MillraceError `append-throttled` where the stream keeps refusing.
 */
export async function putRecords({
  writer,
  stream,
  entries,
  isStopped = () => false,
  clock = systemClock,
}: RecordsToPut): Promise<void> {
  let missing = entries;
  const isPut = await retry({ clock, random: systemRandom }, puts, async () => {
    const before = missing.length;
    const results = await writer.put(stream, missing);
    missing = missing.filter((_, index) => results[index]?.put !== true);
    return isStopped() ? "done" : tryOf(before, missing.length);
  });
  // Whoever serves slots in this thread gets its turn.
  await clock.sleep(0);
  if (isPut) return;
  throw storeError("append-throttled", {
    message: `Stream "${stream}" refused the record of partition key "${missing[0]?.partitionKey}" ${puts.triesMax} times in a row.`,
    next: "Put it again, slower; give the stream more shards if this lasts.",
    retryable: true,
  });
}
