import { splitmix32 } from "./splitmix32.ts";

/** What stands at a position of the feed. Orders are known by the position of their placement. */
export type Slot =
  | { readonly kind: "placed" }
  | {
      readonly kind: "edited" | "cancelled";
      readonly order: number;
      readonly revision: number;
    }
  /** The same bytes as at `position`. */
  | { readonly kind: "repeated"; readonly position: number }
  /** Not JSON. */
  | { readonly kind: "broken" }
  /** JSON that the schema refuses. */
  | { readonly kind: "refused" };

/** Positions are planned in blocks, so that each block is known without those before it. */
export const blockRecords = 200;

const groupRecords = 50;
/** Of this many groups one has a broken record and one a refused record, in place of a repeated one. */
const poisonEveryGroups = 100;
const brokenGroup = 40;
const refusedGroup = 80;

/** A repeated record follows its original at once, or within this many records. */
const repeatedWithinRecords = 300;

/**
 * Which of a block's orders change, in the order in which they were drawn, and how many blocks later. An order's revisions come in
 * their order, the last one within 71 blocks: 14,200 records.
 */
const changes = [
  { kind: "edited", revision: 2, fromOrder: 0, orders: 14, afterBlocks: 1 },
  { kind: "edited", revision: 3, fromOrder: 6, orders: 4, afterBlocks: 2 },
  { kind: "cancelled", revision: 3, fromOrder: 0, orders: 6, afterBlocks: 20 },
  { kind: "edited", revision: 2, fromOrder: 14, orders: 8, afterBlocks: 12 },
  { kind: "edited", revision: 2, fromOrder: 22, orders: 6, afterBlocks: 70 },
  { kind: "cancelled", revision: 2, fromOrder: 28, orders: 6, afterBlocks: 3 },
] as const;

/** Plans the positions of a block. */
export function blockSlots(seed: number, block: number): readonly Slot[] {
  const slots = new Map<number, Slot>();
  for (const position of oddPositions(seed, block)) slots.set(position, oddSlot(seed, position));
  const drawn = drawnPositions(seed, block);
  const changed = changedOrders(seed, block);
  for (const [at, position] of drawn.entries())
    slots.set(position, changed[at - (drawn.length - changed.length)] ?? { kind: "placed" });
  return Array.from(
    { length: blockRecords },
    (_, at) => slots.get(block * blockRecords + at) as Slot,
  );
}

/** What changes in a block; undefined where it would be an order from before the first block. */
function changedOrders(seed: number, block: number): readonly (Slot | undefined)[] {
  return changes.flatMap(({ kind, revision, fromOrder, orders, afterBlocks }) => {
    if (afterBlocks > block) return Array.from({ length: orders }, () => undefined);
    return drawnPositions(seed, block - afterBlocks)
      .slice(fromOrder, fromOrder + orders)
      .map((order) => ({ kind, order, revision }));
  });
}

/** A block's ordinary positions, shuffled: first those of placements, then those of changes. */
function drawnPositions(seed: number, block: number): readonly number[] {
  const odd = oddPositions(seed, block);
  const positions = Array.from(
    { length: blockRecords },
    (_, at) => block * blockRecords + at,
  ).filter((position) => !odd.includes(position));
  const draws = splitmix32(seed, purpose.shuffle, block);
  for (let last = positions.length - 1; last > 0; last--) {
    const other = draws.below(last + 1);
    const moved = positions[last] as number;
    positions[last] = positions[other] as number;
    positions[other] = moved;
  }
  return positions;
}

/** The one position of each group that is not an ordinary event; never its first. */
function oddPositions(seed: number, block: number): readonly number[] {
  const draws = splitmix32(seed, purpose.odd, block);
  return Array.from(
    { length: blockRecords / groupRecords },
    (_, group) => block * blockRecords + group * groupRecords + 1 + draws.below(groupRecords - 1),
  );
}

function oddSlot(seed: number, position: number): Slot {
  const group = Math.floor(position / groupRecords) % poisonEveryGroups;
  if (group === brokenGroup) return { kind: "broken" };
  if (group === refusedGroup) return { kind: "refused" };
  const draws = splitmix32(seed, purpose.repeat, position);
  const back = draws.fraction() < 0.5 ? 1 : 1 + draws.below(repeatedWithinRecords);
  return { kind: "repeated", position: Math.max(0, position - back) };
}

const purpose = { shuffle: 1, odd: 2, repeat: 3 };
