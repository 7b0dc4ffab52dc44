import { combineOwnWatermarks, type StageWatermark } from "../exchange/watermark.ts";
import { lateByOperator } from "../job/late-elements.ts";
import type { SlotProgress } from "../job/progress.ts";
import { ownerOfSlot } from "../job/slot-ref.ts";
import { exchangeSlots } from "../plan/plan.ts";

/** The slots that count: the children of a sealed one have inherited its counters. */
export function livingSlots(rows: readonly SlotProgress[]): readonly SlotProgress[] {
  return rows.filter(({ sealed }) => !sealed);
}

/** Sums over the living slots of a job. */
export interface SlotTotals {
  /** Taken by sources. */
  readonly records: number;
  readonly deadLetters: number;
  /** Elements that came too late for all of their windows, by operator that has had any. */
  readonly lateElements: Readonly<Record<string, number>>;
  /** Writes of rows that found a newer one in place, replays included. */
  readonly supersededRows: number;
  readonly stateBytes: number;
  readonly keys: number;
}

export function totalsOf(living: readonly SlotProgress[]): SlotTotals {
  const ofSources = living.filter(({ slot }) => ownerOfSlot(slot) !== exchangeSlots);
  return {
    records: sumOf(ofSources, ({ counters }) => counters.records),
    deadLetters: sumOf(living, ({ counters }) => counters.deadLetters),
    lateElements: lateByOperator(living.map(({ counters }) => counters)),
    supersededRows: sumOf(living, ({ counters }) => counters.superseded ?? 0),
    stateBytes: sumOf(living, ({ stateBytes }) => stateBytes),
    keys: sumOf(living, ({ keys }) => keys),
  };
}

/**
 * How far each stage has come itself, over the living slots that it runs in. A slot that has said nothing yet runs what the others of its
 * source, or of the exchange, run, and holds it back.
 */
export function watermarksOf(
  living: readonly SlotProgress[],
): Readonly<Record<string, StageWatermark>> {
  const watermarks: Record<string, StageWatermark> = {};
  for (const slots of Map.groupBy(living, ({ slot }) => ownerOfSlot(slot)).values())
    for (const stage of slots.flatMap((one) => Object.keys(one.watermarks)))
      watermarks[stage] ??= combineOwnWatermarks(slots.map((one) => one.watermarks[stage]));
  return Object.fromEntries(
    Object.entries(watermarks).toSorted(([left], [right]) => (left < right ? -1 : 1)),
  );
}

export function sumOf<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0);
}
