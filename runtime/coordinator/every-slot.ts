import type { Generation } from "../job/generation.ts";
import type { SlotProgress } from "../job/progress.ts";
import { ownerOfSlot } from "../job/slot-ref.ts";

/**
 * Whether the splits of a source that a generation began with are all there. They are, as long as it lives: a leader that has not heard yet
 * that it was replaced sees rows that are being collected (protocol 6.8), and a source without a row must not look like one without files.
 */
export function hasEverySlot(
  { slots }: Pick<Generation, "slots">,
  source: string | undefined,
  rows: readonly SlotProgress[],
): boolean {
  const there = new Set(rows.map(({ slot }) => slot));
  return slots.every((name) => ownerOfSlot(name) !== source || there.has(name));
}
