import type { StreamPosition, StreamRecord } from "../ports/index.ts";
import { eventSize } from "./kinesis-event.ts";
import type { MappingOptions } from "./mapping-options.ts";

export interface GatheredBatch {
  readonly records: readonly StreamRecord[];
  /** The shard is closed, and nothing is behind these records. */
  readonly ended: boolean;
  readonly next: StreamPosition;
}

/** A function's payload is 6 MB at most (AWS Lambda quotas); a little is left for what stands around the records. */
const payloadMaxBytes = 6 * 1024 * 1024 - 1_024;

/**
 * Gathers a batch until it has its size, its payload is full, or its window is over, whichever comes first. The window begins with
 * the first record that is there.
 */
export async function gatherBatch<Result>(
  options: MappingOptions<Result>,
  shardId: string,
  from: StreamPosition,
): Promise<GatheredBatch> {
  const { reader, clock, settings, tuning, isStopped } = options;
  const { stream, streamArn, region, batchSize, batchWindowMs } = settings;
  const sizeOf = eventSize({ streamArn, region, shardId });
  const records: StreamRecord[] = [];
  let bytes = 0;
  let windowEndMs: number | undefined;
  let position = from;
  for (;;) {
    const maxRecords = batchSize - records.length;
    const read = await reader.read({ stream, shardId, from: position, maxRecords });
    for (const record of read.records) {
      bytes += sizeOf(record);
      // What did not fit is read again for the next batch.
      if (bytes > payloadMaxBytes && records.length > 0)
        return { records, ended: false, next: after(records) };
      records.push(record);
    }
    position = read.next;
    if (records.length === 0) return { records, ended: read.ended, next: position };
    windowEndMs ??= clock.nowMs() + batchWindowMs;
    const isFull = records.length >= batchSize;
    if (isFull || read.ended || clock.nowMs() >= windowEndMs || isStopped())
      return { records, ended: read.ended, next: position };
    if (read.records.length === 0)
      await clock.sleep(Math.min(tuning.pollMs, windowEndMs - clock.nowMs()));
  }
}

function after(records: readonly StreamRecord[]): StreamPosition {
  return { kind: "after", sequence: (records.at(-1) as StreamRecord).sequence };
}
