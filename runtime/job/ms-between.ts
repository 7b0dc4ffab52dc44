/**
 * How far a time that somebody has noted is from now. Clocks differ: one that is ahead notes what is still to come, and whoever
 * waited for that to be over would wait as long as the clock was wrong.
 */
export function msBetween(nowMs: number, notedMs: number): number {
  return Math.abs(nowMs - notedMs);
}
