import { isMillraceError } from "../../runtime/errors/millrace-error.ts";
import type {
  Clock,
  ReadRequest,
  ReadResult,
  StreamPosition,
  StreamReader,
  StreamRecord,
} from "../../runtime/ports/index.ts";

const maxRecords = 5_000;
/** Kinesis takes five reads a second of a shard, and the job's mappings and slots take some of them. */
const readEveryMs = 500;
const triesMax = 10;

/** A reader that leaves the job its share of a shard's reads, and asks again where it is refused. */
export function pacedReader(reader: StreamReader, clock: Clock): StreamReader {
  return {
    listShards: (stream) => reader.listShards(stream),
    read: (request) => readPatiently(reader, clock, request),
  };
}

async function readPatiently(
  reader: StreamReader,
  clock: Clock,
  request: ReadRequest,
): Promise<ReadResult> {
  for (let tries = 1; ; tries++) {
    await clock.sleep(tries * readEveryMs);
    try {
      return await reader.read(request);
    } catch (thrown) {
      if (tries >= triesMax || !isMillraceError(thrown) || !thrown.retryable) throw thrown;
    }
  }
}

/** Reads a whole stream: a producer that got no answer does not know what it has written. */
export async function streamContents(
  reader: StreamReader,
  stream: string,
): Promise<readonly StreamRecord[]> {
  const contents: StreamRecord[] = [];
  for (const { shardId } of await reader.listShards(stream)) {
    let from: StreamPosition = { kind: "earliest" };
    for (;;) {
      const read = await reader.read({ stream, shardId, from, maxRecords });
      contents.push(...read.records);
      if (read.ended || read.atTip) break;
      from = read.next;
    }
  }
  return contents;
}

/** Records that say what another one says, byte for byte. */
export function duplicatesIn(records: readonly StreamRecord[]): number {
  const decoder = new TextDecoder();
  return records.length - new Set(records.map(({ data }) => decoder.decode(data))).size;
}
