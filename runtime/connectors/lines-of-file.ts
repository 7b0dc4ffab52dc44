import { storeError } from "../errors/millrace-error.ts";
import type { ObjectStore, StreamPosition } from "../ports/index.ts";

export interface LinesRequest {
  readonly key: string;
  readonly from: StreamPosition;
  readonly maxLines: number;
}

export interface FileLine {
  /** Where it begins. */
  readonly offset: number;
  /** Without the end of line; of one that is too long, the first {@link lineMaxBytes}. */
  readonly data: Uint8Array;
}

/** A line has less than a record of Kinesis may have. It is also how much of a file is read at a time. */
export const lineMaxBytes = 1_048_576;

const newline = 10;
const carriageReturn = 13;

export interface LinesOfFile {
  readonly lines: readonly FileLine[];
  /** Nothing lies behind them. */
  readonly isEnd: boolean;
  readonly next: StreamPosition;
}

/** The lines that begin at or behind a place in a file, and aren't empty: as many as one block of it holds, which may be none. */
export async function readLines(
  files: ObjectStore,
  { key, from, maxLines }: LinesRequest,
): Promise<LinesOfFile> {
  const { base, block, first } = await blockAt(files, key, from);
  const isFull = block.length === lineMaxBytes;
  const lines: FileLine[] = [];
  let at = first;
  while (at < block.length && lines.length < maxLines) {
    const end = lineEnd(block, at);
    if (end === block.length && isFull) {
      // What the block does not hold to its end is read from its beginning, unless no block could hold it.
      if (at > 0) break;
      return { lines: [{ offset: base, data: block }], isEnd: false, next: behind(base) };
    }
    const data = block.subarray(at, block[end - 1] === carriageReturn ? end - 1 : end);
    if (data.length > 0) lines.push({ offset: base + at, data });
    at = end + 1;
  }
  const isEnd = !isFull && at >= block.length;
  return {
    lines,
    isEnd,
    next: { kind: "at", sequence: String(base + Math.min(at, block.length)) },
  };
}

function behind(offset: number): StreamPosition {
  return { kind: "after", sequence: String(offset) };
}

interface Block {
  /** Where it begins. */
  readonly base: number;
  readonly block: Uint8Array;
  /** Where the first line begins in it that is to be read. */
  readonly first: number;
}

async function blockAt(files: ObjectStore, key: string, from: StreamPosition): Promise<Block> {
  const start = from.kind === "at" || from.kind === "after" ? Number(from.sequence) : 0;
  for (let base = start; ; base += lineMaxBytes) {
    const block = await files.get(key, { from: base, maxBytes: lineMaxBytes });
    if (block === undefined) throw gone(key);
    if (from.kind !== "after") return { base, block, first: 0 };
    const end = lineEnd(block, 0);
    // The line that was taken last may be longer than a block.
    if (end < block.length || block.length < lineMaxBytes) return { base, block, first: end + 1 };
  }
}

function lineEnd(block: Uint8Array, at: number): number {
  const end = block.indexOf(newline, at);
  return end === -1 ? block.length : end;
}

function gone(key: string): Error {
  return storeError("source-file-gone", {
    message: `The file "${key}" is not there any more, and not all of it was read.`,
    next: "Put it back as it was, or restore the job from a savepoint of before it began to read the file.",
    retryable: false,
  });
}
