import { ownWatermark } from "../exchange/watermark.ts";
import type { HashRange } from "../serde/hash-space.ts";
import type { SlotMeta } from "./slot-meta.ts";

/**
 * A watermark that a slot which was taken over from had for the keys of its range. Where slots are merged, the watermark begins with
 * that of the slowest, and a window that another one has fired and cleared must not begin a second time (protocol 5.1).
 */
export interface LatenessFloor {
  readonly range: HashRange;
  readonly ms: number;
}

type Floors = NonNullable<SlotMeta["floors"]>;
type Inherited = Pick<SlotMeta, "range" | "watermarks" | "floors">;

/** The floors of a slot that is made from others, whose watermarks are `watermarks` now. */
export function inheritFloors(
  metas: readonly Inherited[],
  watermarks: SlotMeta["watermarks"],
): Floors | undefined {
  const all: Record<string, readonly LatenessFloor[]> = {};
  for (const stage of Object.keys(watermarks)) {
    all[stage] = metas.flatMap(({ range, watermarks: before, floors }) => [
      ...(floors?.[stage] ?? []),
      { range, ms: ownWatermark(before[stage]) },
    ]);
  }
  return floorsAbove(all, watermarks);
}

/** Those that the watermark has not passed; undefined where there is none. */
export function floorsAbove(
  floors: Floors | undefined,
  watermarks: SlotMeta["watermarks"],
): Floors | undefined {
  const left = Object.entries(floors ?? {}).flatMap(([stage, own]) => {
    const above = own.filter(({ ms }) => ms > ownWatermark(watermarks[stage]));
    return above.length === 0 ? [] : [[stage, above] as const];
  });
  return left.length === 0 ? undefined : Object.fromEntries(left);
}
