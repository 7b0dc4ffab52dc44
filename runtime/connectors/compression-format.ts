import type { CompressionFormat } from "../ports/index.ts";

/** So many bytes tell whether something is compressed. */
export const magicMaxBytes = 4;

/** What bytes begin with: of texts none does, since neither is UTF-8. */
export function compressionOf(data: Uint8Array): CompressionFormat | undefined {
  if (data[0] === 0x1f && data[1] === 0x8b) return "gzip";
  const isZstd = data[0] === 0x28 && data[1] === 0xb5 && data[2] === 0x2f && data[3] === 0xfd;
  return isZstd ? "zstd" : undefined;
}
