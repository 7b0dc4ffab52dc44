import type { SlotCounters } from "./slot-meta.ts";

/** Late elements over slots, by operator that has had any. */
export function lateByOperator(
  counters: readonly Pick<SlotCounters, "operators">[],
): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { operators } of counters)
    for (const [operator, [, late]] of Object.entries(operators))
      if (late > 0) sums[operator] = (sums[operator] ?? 0) + late;
  return sums;
}
