import type {
  Clock,
  PutEntry,
  StreamPosition,
  StreamReader,
  StreamRecord,
  StreamWriter,
} from "../../runtime/ports/index.ts";

/** Streams under contract. The admin's promises resolve when the stream can be used again. */
export interface StreamFixture {
  readonly reader: StreamReader;
  readonly writer: StreamWriter;
  createStream(stream: string, options: { readonly shards: number }): Promise<unknown>;
  /** Halves a shard. */
  split(stream: string, shardId: string): Promise<unknown>;
  /** Merges two adjacent shards. */
  merge(stream: string, shardA: string, shardB: string): Promise<unknown>;
  /** Closes every shard for good; only called where the capabilities say `canEnd`. */
  endStream?(stream: string): Promise<unknown>;
  /** The next reads answer this many empty pages, at nobody's tip, before they go on; only where the service can be made to. */
  answerEmptyPages?(count: number): void;
  close(): Promise<void>;
}

export interface StreamCapabilities {
  /** Whether a stream can be ended. */
  readonly canEnd: boolean;
  /** Whether the shards of a new stream are of one width, as Kinesis makes them. Default: true. */
  readonly dividesEvenly?: boolean;
}

export const lowestHash = "0".repeat(32);
export const middleHash = `8${"0".repeat(31)}`;
export const highestHash = "f".repeat(32);
export const earliest: StreamPosition = { kind: "earliest" };

export const entryOf = (text: string, explicitHash?: string): PutEntry => ({
  partitionKey: "k",
  data: new TextEncoder().encode(text),
  ...(explicitHash !== undefined && { explicitHash }),
});

export const textOf = ({ data }: StreamRecord): string => new TextDecoder().decode(data);

/** Puts one record after the other, so that their order is sure; answers with their sequence numbers. */
export async function putInOrder(
  { writer }: StreamFixture,
  stream: string,
  texts: readonly string[],
): Promise<string[]> {
  const sequences: string[] = [];
  for (const text of texts) {
    const [result] = await writer.put(stream, [entryOf(text)]);
    if (!result?.put) throw new Error(`"${text}" was not put`);
    sequences.push(result.sequence);
  }
  return sequences;
}

export interface ReadThrough {
  readonly stream: string;
  readonly shardId: string;
  readonly from?: StreamPosition;
  readonly maxRecords?: number;
}

export interface ReadThroughResult {
  readonly records: readonly StreamRecord[];
  readonly texts: readonly string[];
  readonly ended: boolean;
  readonly next: StreamPosition;
}

const maxReads = 1_000;

/** Reads on until the tip or the end of a shard. */
export async function readThrough(
  { reader }: StreamFixture,
  { stream, shardId, from = earliest, maxRecords = 100 }: ReadThrough,
): Promise<ReadThroughResult> {
  const records: StreamRecord[] = [];
  let position = from;
  for (let reads = 0; reads < maxReads; reads++) {
    const result = await reader.read({ stream, shardId, from: position, maxRecords });
    if (result.records.length > maxRecords) throw new Error("more records than were asked for");
    records.push(...result.records);
    position = result.next;
    if (result.atTip || result.ended)
      return { records, texts: records.map(textOf), ended: result.ended, next: position };
  }
  throw new Error(`no tip after ${maxReads} reads of ${stream} ${shardId}`);
}

/** Sequence numbers are compared as numbers: by length, then by text. */
export const isAfter = (a: string, b: string): boolean =>
  a.length === b.length ? a > b : a.length > b.length;

/** A clock on which waiting takes no time: what is paced for a service need not be for its emulator. */
export function hurriedClock(): Clock {
  let aheadMs = 0;
  return {
    nowMs: () => performance.timeOrigin + performance.now() + aheadMs,
    sleep: async (durationMs) => {
      aheadMs += durationMs;
    },
  };
}
