import type { KeyValue } from "../graph/key-value.ts";
import type { Ttl } from "../graph/state-ttl.ts";
import { type Expiring, usedMsOf } from "../state/expiring.ts";
import type { ExpiringCell } from "../state/expiry-queue.ts";
import type { StateEntry } from "../state/state-entry.ts";
import type { KeyedRuntime } from "./contract.ts";

export type ExpiringEntry<K extends KeyValue | undefined = KeyValue | undefined> = StateEntry<
  Expiring | undefined,
  K
>;

export type Expiry = ReturnType<typeof expiryOf>;

/**
 * The rules of a state with a time to live, those of Flink's TTL decorators. All time in a step is one: that of its clock, or that of the element or
 * timer in hand.
 */
export function expiryOf({ afterMs, update, visibility, time }: Ttl, runtime: KeyedRuntime) {
  const queue = runtime.expiries[time];
  const returnsExpired = visibility === "returnExpiredIfNotCleanedUp";
  const nowMs = time === "processing" ? () => runtime.nowMs : () => runtime.expiryMs;
  const isOver = (usedMs: number | null) => usedMs !== null && usedMs + afterMs <= nowMs();

  /** A life is never shortened, by an element that comes out of order or by a clock that is put back. */
  function use(kept: Expiring): void {
    const now = nowMs();
    if (Number.isFinite(now) && now > (kept[0] ?? Number.NEGATIVE_INFINITY)) kept[0] = now;
  }

  return {
    returnsExpired,
    readsAreUses: update === "onReadAndWrite",
    /** What the state is declared with. */
    cellOptions: {
      onLoad: (entry: StateEntry) => queue.arm(entry),
      isGone: (entry: StateEntry) => queue.isGone(entry),
    },
    declared(cell: number, isHeld?: ExpiringCell["isHeld"]): void {
      queue.declare(cell, { afterMs, ...(isHeld !== undefined && { isHeld }) });
    },
    hasExpired: (entry: ExpiringEntry) => isOver(usedMsOf(entry)),
    /** Whether an entry would be seen; it is no use of it. */
    isSeen: (entry: StateEntry) => returnsExpired || !isOver(usedMsOf(entry)),
    /** What a read sees. An expired value goes with it, also where it is seen once more. */
    read(entry: ExpiringEntry | undefined): Expiring | undefined {
      const kept = entry?.value;
      if (entry === undefined || kept === undefined) return undefined;
      if (isOver(kept[0])) {
        entry.remove();
        return returnsExpired ? kept : undefined;
      }
      if (update === "onReadAndWrite") use(kept);
      return kept;
    },
    /** What a new value is merged with: an expired one too where it may be seen. */
    mergedWith({ value: kept }: ExpiringEntry): Expiring | undefined {
      return kept !== undefined && (returnsExpired || !isOver(kept[0])) ? kept : undefined;
    },
    /** The value must be the state's own. */
    write(entry: ExpiringEntry, value: unknown): void {
      const kept = entry.value;
      if (kept === undefined || isOver(kept[0])) {
        const now = nowMs();
        entry.value = [Number.isFinite(now) ? now : null, value];
      } else {
        kept[1] = value;
        use(kept);
      }
      if (entry.timer === undefined) queue.arm(entry);
    },
  };
}
