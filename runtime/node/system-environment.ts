import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Clock, Compression, Random } from "../ports/environment.ts";

/** The time of the machine. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: (durationMs) => wait(durationMs),
};

const idBytes = 12;
const fractionBytes = 6;

/** Randomness of the machine, good enough for names that must never meet. */
export const systemRandom: Random = {
  id: () => BigInt(`0x${randomBytes(idBytes).toString("hex")}`).toString(36),
  fraction: () =>
    randomBytes(fractionBytes).readUIntBE(0, fractionBytes) / 2 ** (8 * fractionBytes),
};

const zstdParams = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 };

/** Zstandard at its fastest level, with a checksum of the content: bytes that were damaged do not decompress. */
export const zstdCompression: Compression = {
  id: 1,
  compress: (data) => zstdCompressSync(data, { params: zstdParams }),
  decompress: (data) => zstdDecompressSync(data),
};
