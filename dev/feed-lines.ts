import type { Clock, PutEntry } from "../runtime/ports/index.ts";
import { putRecords, type RecordWriter } from "./put-records.ts";

export interface FeedLinesOptions {
  readonly stream: string;
  readonly writer: RecordWriter;
  readonly clock: Clock;
  /** Text in pieces of any size, cut anywhere. */
  readonly chunks: AsyncIterable<string>;
  /** So many records were fed before: lines that are passed over. Default 0. */
  readonly skip?: number;
  /** Records per second. Default: as fast as they are taken. */
  readonly rate?: number;
  /** Field of each document that is its partition key. Default: the line's number, which spreads the records evenly. */
  readonly keyField?: string;
  /** How many records of the stream the job has taken: the feed keeps at most `aheadMax` in front of it. */
  readonly taken: () => Promise<number>;
  /** Default 50,000 records. */
  readonly aheadMax?: number;
  readonly isStopped: () => boolean;
}

const putMaxRecords = 500;
const putsPerSecond = 20;
const waitMs = 20;
const defaultAheadMax = 50_000;

/** Puts each line that is not empty into a stream as one record; answers how many it put. Memory is bounded by a chunk. */
export async function feedLines(options: FeedLinesOptions): Promise<number> {
  const { chunks, skip = 0, rate, isStopped } = options;
  const takenBefore = await options.taken();
  const startMs = options.clock.nowMs();
  const perPut =
    rate === undefined ? putMaxRecords : Math.min(putMaxRecords, Math.ceil(rate / putsPerSecond));
  let line = 0;
  let fed = 0;
  for await (const lines of linesOf(chunks)) {
    const fresh = lines.slice(Math.max(0, skip - line));
    const firstLine = line + lines.length - fresh.length;
    line += lines.length;
    for (let at = 0; at < fresh.length; at += perPut) {
      if (rate !== undefined) await sleepUntil(options, startMs + (fed / rate) * 1_000);
      await keepBehind(options, fed - (options.aheadMax ?? defaultAheadMax) + takenBefore);
      if (isStopped()) return fed;
      const part = fresh.slice(at, at + perPut);
      const entries = part.map((text, index) =>
        entryOf(text, firstLine + at + index, options.keyField),
      );
      await putRecords({ ...options, entries });
      fed += part.length;
    }
    if (isStopped()) return fed;
  }
  return fed;
}

/** The lines of each chunk as soon as it is there, without empty ones: a slow pipe is not waited for. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let rest = "";
  const isRecord = (text: string): boolean => text.trim() !== "";
  for await (const chunk of chunks) {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop() ?? "";
    yield lines.filter(isRecord);
  }
  yield [rest].filter(isRecord);
}

async function sleepUntil({ clock, isStopped }: FeedLinesOptions, dueMs: number): Promise<void> {
  while (!isStopped() && clock.nowMs() < dueMs)
    await clock.sleep(Math.min(100, dueMs - clock.nowMs()));
}

/** Waits until the job has taken so many records. */
async function keepBehind(
  { clock, taken, isStopped }: FeedLinesOptions,
  takenMin: number,
): Promise<void> {
  if (takenMin <= 0) return;
  while (!isStopped() && (await taken()) < takenMin) await clock.sleep(waitMs);
}

const utf8 = new TextEncoder();

function entryOf(text: string, line: number, keyField: string | undefined): PutEntry {
  const key = keyField === undefined ? undefined : fieldOf(text, keyField);
  return { partitionKey: key ?? String(line), data: utf8.encode(text) };
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
