import type { InputItem } from "../input/input-item.ts";
import type { Clock, PutEntry } from "../runtime/ports/index.ts";
import { entryBytes, maxEntryBytes } from "../runtime/serde/put-limits.ts";
import { putRecords, type RecordWriter } from "./put-records.ts";

export interface FeedOptions {
  readonly stream: string;
  readonly writer: RecordWriter;
  readonly clock: Clock;
  /** So many records were fed before: documents that are passed over. Default 0. */
  readonly skip?: number;
  /** Records per second. Default: as fast as they are taken. */
  readonly rate?: number;
  /** Field of each document that is its partition key. Default: the document's number, which spreads the records evenly. */
  readonly keyField?: string;
  /** How many records of the stream the job has taken: the feed keeps at most `aheadMax` in front of it. */
  readonly taken: () => Promise<number>;
  /** Default 50,000 records. */
  readonly aheadMax?: number;
  readonly isStopped: () => boolean;
}

export interface FeedDocumentsOptions extends FeedOptions {
  readonly items: AsyncIterable<readonly InputItem[]>;
  /** A document as a record has it. Default: in UTF-8. */
  readonly encode?: (document: string) => Uint8Array;
  /** Told of what is no record, in its order, before what lies behind it is put; also of what is passed over. */
  readonly onRefused?: (refused: RefusedItem) => Promise<void>;
  /** Told of the documents that are passed over, and of those that were put, in their order. */
  readonly onFed?: (documents: readonly string[]) => void;
}

export interface RefusedItem {
  readonly item: InputItem;
  readonly reason: string;
  /** An earlier feed came as far: it was told of then. */
  readonly isPassedOver: boolean;
}

const putMaxRecords = 500;
const putsPerSecond = 20;
const waitMs = 20;
const defaultAheadMax = 50_000;

/** Puts each document into a stream as one record; answers how many it put. */
export async function feedDocuments(options: FeedDocumentsOptions): Promise<number> {
  const { items, skip = 0, rate, isStopped, onFed } = options;
  const takenBefore = await options.taken();
  const startMs = options.clock.nowMs();
  const perPut =
    rate === undefined ? putMaxRecords : Math.min(putMaxRecords, Math.ceil(rate / putsPerSecond));
  let number = 0;
  let fed = 0;
  for await (const some of items) {
    const records = await recordsOf(some, { options, number });
    number += records.length;
    const fresh = records.slice(Math.max(0, skip - number + records.length));
    onFed?.(textsOf(records.slice(0, records.length - fresh.length)));
    for (let at = 0; at < fresh.length; at += perPut) {
      if (rate !== undefined) await sleepUntil(options, startMs + (fed / rate) * 1_000);
      await keepBehind(options, fed - (options.aheadMax ?? defaultAheadMax) + takenBefore);
      if (isStopped()) return fed;
      const part = fresh.slice(at, at + perPut);
      await putRecords({ ...options, entries: part.map(({ entry }) => entry) });
      onFed?.(textsOf(part));
      fed += part.length;
    }
    if (isStopped()) return fed;
  }
  return fed;
}

interface FedRecord {
  readonly text: string;
  readonly entry: PutEntry;
}

const textsOf = (records: readonly FedRecord[]): readonly string[] =>
  records.map(({ text }) => text);

interface Feeding {
  readonly options: FeedDocumentsOptions;
  /** Of the next document. */
  readonly number: number;
}

async function recordsOf(
  items: readonly InputItem[],
  { options, number }: Feeding,
): Promise<readonly FedRecord[]> {
  const { encode = inUtf8, keyField, skip = 0, onRefused } = options;
  const records: FedRecord[] = [];
  for (const item of items) {
    const at = number + records.length;
    const entry =
      item.kind === "document" ? entryOf(item.text, { at, keyField, encode }) : undefined;
    const reason = item.kind === "refused" ? item.reason : reasonAgainst(entry!);
    if (reason !== undefined) await onRefused?.({ item, reason, isPassedOver: at < skip });
    else records.push({ text: item.text, entry: entry! });
  }
  return records;
}

function reasonAgainst(entry: PutEntry): string | undefined {
  // A code unit of the partition key takes at most three bytes.
  if (entry.data.length + 3 * entry.partitionKey.length <= maxEntryBytes) return undefined;
  const bytes = entryBytes(entry);
  if (bytes <= maxEntryBytes) return undefined;
  return `it has ${bytes} bytes with its partition key, and a record at most ${maxEntryBytes}`;
}

async function sleepUntil({ clock, isStopped }: FeedOptions, dueMs: number): Promise<void> {
  while (!isStopped() && clock.nowMs() < dueMs)
    await clock.sleep(Math.min(100, dueMs - clock.nowMs()));
}

/** Waits until the job has taken so many records. */
async function keepBehind(
  { clock, taken, isStopped }: FeedOptions,
  takenMin: number,
): Promise<void> {
  if (takenMin <= 0) return;
  while (!isStopped() && (await taken()) < takenMin) await clock.sleep(waitMs);
}

const utf8 = new TextEncoder();
const inUtf8 = (document: string): Uint8Array => utf8.encode(document);

interface EntryParts {
  readonly at: number;
  readonly keyField: string | undefined;
  readonly encode: (document: string) => Uint8Array;
}

function entryOf(text: string, { at, keyField, encode }: EntryParts): PutEntry {
  const key = keyField === undefined ? undefined : fieldOf(text, keyField);
  return { partitionKey: key ?? String(at), data: encode(text) };
}

/** Undefined where there is no such field: the job's schema says what is wrong with the record. */
function fieldOf(text: string, field: string): string | undefined {
  try {
    const value = (JSON.parse(text) as Readonly<Record<string, unknown>> | null)?.[field];
    return value === undefined || value === null || value === "" ? undefined : String(value);
  } catch {
    return undefined;
  }
}
