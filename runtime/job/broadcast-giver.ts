import { groupsOfRange, type HashRange } from "../serde/hash-space.ts";

/**
 * protocol 4.9: of slots that others are made from, the one whose copy of broadcast state they take, with its marks and what is pending for
 * it: the first that owns a key group. To those which own none nothing is broadcast.
 */
export function broadcastGiver<Slot extends { readonly meta: { readonly range: HashRange } }>(
  slots: readonly Slot[],
  groupCount: number,
): Slot | undefined {
  return slots.find(({ meta }) => groupsOfRange(meta.range, groupCount) !== undefined);
}
