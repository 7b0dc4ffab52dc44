import type { StreamPosition, StreamReader, StreamRecord } from "../../runtime/ports/index.ts";

const maxRecords = 5_000;

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
