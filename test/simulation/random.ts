import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Dice } from "./shape.ts";

/** Dice that also give fractions: what the simulated world rolls. */
export interface WorldDice extends Dice {
  /** A number in [0, 1). */
  fraction(): number;
}

/** Random numbers that a seed decides; `purpose` keeps what different parts of a world roll independent of each other. */
export function dice(seed: number, purpose = 0): WorldDice {
  // Neighbouring seeds differ in few bits, and the generator needs them all to differ.
  const generator = xoroshiro128plus(scramble(seed ^ scramble(purpose + 0x51ed27)));
  for (let skipped = 0; skipped < 8; skipped++) generator.next();
  const fraction = (): number => (generator.next() >>> 0) / 2 ** 32;
  const between = (from: number, to: number): number =>
    from + Math.floor(fraction() * (to - from + 1));
  return {
    fraction,
    between,
    chance: (probability) => fraction() < probability,
    pick: (items) => {
      if (items.length === 0) throw new RangeError("There is nothing to pick from.");
      return items[between(0, items.length - 1)]!;
    },
    shuffle(items) {
      const shuffled = [...items];
      for (let at = shuffled.length - 1; at > 0; at--) {
        const other = between(0, at);
        [shuffled[at], shuffled[other]] = [shuffled[other]!, shuffled[at]!];
      }
      return shuffled;
    },
  };
}

/** The finalizer of murmur3: every bit of the number decides every bit of the answer. */
function scramble(number: number): number {
  let mixed = number | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
