import { createReadStream } from "node:fs";
import { compressionOf, magicMaxBytes } from "../runtime/connectors/compression-format.ts";
import { messageOf } from "../runtime/errors/millrace-error.ts";
import type { CompressionFormat } from "../runtime/ports/index.ts";
import { openFrames } from "./open-frames.ts";
import { unreadable } from "./unreadable.ts";

/** What is held of a compressed file at a time. */
const pieceBytes = 65_536;

/** The path of standard input. */
export const standardInput = "-";

/** The bytes of a file, opened where they are compressed, in pieces. @throws MillraceError `input-unreadable` */
export async function* openBytes(file: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const stream =
    file === standardInput ? process.stdin : createReadStream(file, { highWaterMark: pieceBytes });
  const release = (): void => void stream.destroy();
  signal.addEventListener("abort", release);
  try {
    yield* opened(stream as AsyncIterable<Uint8Array>, file);
  } catch (thrown) {
    // A stream that is destroyed tells its reader by an error.
    if (!signal.aborted) throw thrown;
  } finally {
    signal.removeEventListener("abort", release);
  }
}

async function* opened(
  pieces: AsyncIterable<Uint8Array>,
  file: string,
): AsyncGenerator<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  const first = await atLeast(iterator, magicMaxBytes);
  const format = compressionOf(first);
  const all = following(first, iterator);
  if (format === undefined) yield* all;
  else yield* decompressed(all, { file, format });
}

/** A pipe may give a byte at a time. */
async function atLeast(iterator: AsyncIterator<Uint8Array>, bytes: number): Promise<Uint8Array> {
  let start: Uint8Array = new Uint8Array();
  while (start.length < bytes) {
    const { done, value } = await iterator.next();
    if (done === true) break;
    start = start.length === 0 ? value : Buffer.concat([start, value]);
  }
  return start;
}

async function* following(
  first: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first;
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
    yield next.value;
}

interface Compressed {
  readonly file: string;
  readonly format: CompressionFormat;
}

async function* decompressed(
  pieces: AsyncIterable<Uint8Array>,
  { file, format }: Compressed,
): AsyncGenerator<Uint8Array> {
  try {
    yield* openFrames[format](pieces);
  } catch (thrown) {
    throw unreadable(file, {
      what: `it can't be opened as ${format}: ${messageOf(thrown)}`,
      next: "Copy it anew, or compress it anew.",
      cause: thrown,
    });
  }
}
