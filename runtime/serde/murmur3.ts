/** From so many bytes on a view of them pays. */
const viewedMinBytes = 512;

/**
 * MurmurHash3 x86 32-bit (Austin Appleby, public domain) of the first `length` bytes: an unsigned 32-bit integer. Keys are placed with seed 0.
 */
export function murmur3(bytes: Uint8Array, seed = 0, length = bytes.length): number {
  const blocksEnd = length & ~3;
  // What is left of a last block. First: code that is compiled for a long loop knows nothing of what comes behind it.
  let tail = 0;
  for (let at = length - 1; at >= blocksEnd; at--) tail = (tail << 8) | (bytes[at] as number);
  const hash =
    length < viewedMinBytes ? hashOf(bytes, blocksEnd, seed) : hashOfView(bytes, blocksEnd, seed);
  return finish(hash ^ scramble(tail) ^ length);
}

function hashOf(bytes: Uint8Array, end: number, seed: number): number {
  let hash = seed;
  for (let at = 0; at < end; at += 4) {
    const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
    const high = (bytes[at + 2] as number) | ((bytes[at + 3] as number) << 8);
    hash = mix(hash, low | (high << 16));
  }
  return hash;
}

function hashOfView(bytes: Uint8Array, end: number, seed: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let hash = seed;
  for (let at = 0; at < end; at += 4) hash = mix(hash, view.getInt32(at, true));
  return hash;
}

function mix(hash: number, block: number): number {
  const mixed = hash ^ scramble(block);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

/** Of 0 it is 0. */
function scramble(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

function finish(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
