import { gzipSync, zstdCompressSync } from "node:zlib";
import type { SourceCompression } from "../runtime/connectors/decoder.ts";

const utf8 = new TextEncoder();

/** Makes a record of a document, compressed as its source expects. Default: it is not. */
export function encodeRecord(
  compression: SourceCompression = "none",
): (document: string) => Uint8Array {
  if (compression === "gzip") return (document) => gzipSync(document);
  if (compression === "zstd") return (document) => zstdCompressSync(document);
  return (document) => utf8.encode(document);
}
