import type { Clock } from "../../../runtime/ports/index.ts";

/** A clock that stands still until it is advanced. */
export interface VirtualClock extends Clock {
  /** Lets time pass; whoever sleeps is woken at its time, one after the other. */
  advance(durationMs: number): Promise<void>;
}

const startMs = 1_700_000_000_000;

export function virtualClock(): VirtualClock {
  let nowMs = startMs;
  const sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];
  const earliest = (untilMs: number) =>
    sleepers.filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)[0];
  return {
    nowMs: () => nowMs,
    sleep: (durationMs) =>
      new Promise((wake) => sleepers.push({ atMs: nowMs + Math.max(0, durationMs), wake })),
    advance: async (durationMs) => {
      const untilMs = nowMs + durationMs;
      await settled();
      for (let next = earliest(untilMs); next !== undefined; next = earliest(untilMs)) {
        nowMs = Math.max(nowMs, next.atMs);
        sleepers.splice(sleepers.indexOf(next), 1);
        next.wake();
        await settled();
      }
      nowMs = untilMs;
    },
  };
}

/** Until whatever goes on without time has gone on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((next) => setImmediate(next));
}
