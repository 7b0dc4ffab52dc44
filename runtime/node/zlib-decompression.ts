import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { zstdFrameBytes } from "./zstd-frame.ts";
import type { CompressionFormat, Decompression } from "../ports/decompression.ts";

/** Node's zlib. */
export const zlibDecompression: Decompression = {
  open(format, data, maxBytes) {
    try {
      return format === "gzip"
        ? gunzipSync(data, { maxOutputLength: maxBytes })
        : openFrames(data, maxBytes);
    } catch (thrown) {
      throw new Error(reasonOf(thrown, format, maxBytes), { cause: thrown });
    }
  },
};

/** Node opens the first frame only and says nothing of the others: each is opened by itself. */
function openFrames(data: Uint8Array, maxBytes: number): Uint8Array {
  const frames: Uint8Array[] = [];
  let openedBytes = 0;
  let rest = data;
  do {
    const bytes = zstdFrameBytes(rest);
    const opened = openFrame(rest.subarray(0, bytes), maxBytes - openedBytes);
    frames.push(opened);
    openedBytes += opened.length;
    rest = rest.subarray(bytes);
  } while (rest.length > 0);
  return frames.length === 1 ? frames[0]! : Buffer.concat(frames);
}

function openFrame(data: Uint8Array, maxBytes: number): Uint8Array {
  // A limit of no bytes is refused; one byte too many is refused below.
  const opened = zstdDecompressSync(data, { maxOutputLength: Math.max(1, maxBytes) });
  if (opened.length > maxBytes) throw tooLarge();
  return opened;
}

const tooLargeCode = "ERR_BUFFER_TOO_LARGE";

function tooLarge(): Error {
  return Object.assign(new RangeError("more than the bytes that are left"), { code: tooLargeCode });
}

function reasonOf(thrown: unknown, format: CompressionFormat, maxBytes: number): string {
  const { code, message } = thrown as { readonly code?: unknown; readonly message?: unknown };
  if (code === tooLargeCode) return `it holds more than ${maxBytes} bytes when it is opened`;
  return `it can't be opened as ${format}: ${String(message)}`;
}
