import type { Random } from "../runtime/ports/index.ts";

/** Numbers and ids that a seed decides (mulberry32, Tommy Ettinger, public domain); `purpose` keeps several of one seed apart. */
export function seededRandom(seed: number, purpose = 0): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(purpose + 1, 0x85ebca6b);
  let ids = 0;
  function fraction(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  return { fraction, id: () => `${purpose.toString(36)}x${(ids++).toString(36)}` };
}
