import { encodeRecord } from "../input/encode-record.ts";
import type { SourceCompression } from "../runtime/connectors/decoder.ts";
import type { Clock } from "../runtime/ports/index.ts";
import { feedDocuments } from "./feed-documents.ts";
import type { RecordWriter } from "./put-records.ts";

export interface PutAgainOptions {
  readonly writer: RecordWriter;
  readonly clock: Clock;
  readonly stream: string;
  readonly documents: readonly string[];
  /** The field that is the partition key; absent where any will do. */
  readonly keyField?: string;
  /** As their source expects it. Default: "none". */
  readonly compression?: SourceCompression;
}

/** Puts documents into a stream, each as a record. Answers why it takes no record of some of them, by their places. */
export async function putAgain({
  writer,
  clock,
  stream,
  documents,
  keyField,
  compression,
}: PutAgainOptions): Promise<ReadonlyMap<number, string>> {
  const refused = new Map<number, string>();
  await feedDocuments({
    stream,
    writer,
    clock,
    items: itemsOf(documents),
    encode: encodeRecord(compression),
    ...(keyField !== undefined && { keyField }),
    onRefused: async ({ item, reason }) => void refused.set(item.line, reason),
    taken: async () => 0,
    aheadMax: Number.POSITIVE_INFINITY,
    isStopped: () => false,
  });
  return refused;
}

async function* itemsOf(texts: readonly string[]) {
  yield texts.map((text, line) => ({ kind: "document" as const, text, file: "", line }));
}
