import type { Clock } from "../runtime/ports/index.ts";

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** Time that goes on when nothing else can: what runs by it alone happens in the same order every time. */
export function virtualClock(startMs: number): Clock {
  let nowMs = startMs;
  /** The first that is due is the last; of one moment, the first that came. */
  const sleepers: Sleeper[] = [];
  let isGoing = false;

  // What is awake has run as far as it can when an immediate comes.
  function goOn(): void {
    const next = sleepers.pop();
    if (next === undefined) {
      isGoing = false;
      return;
    }
    nowMs = Math.max(nowMs, next.dueMs);
    next.wake();
    setImmediate(goOn);
  }

  return {
    nowMs: () => nowMs,
    sleep: (durationMs) =>
      new Promise((wake) => {
        const dueMs = nowMs + Math.max(0, durationMs);
        const place = sleepers.findIndex((sleeper) => sleeper.dueMs <= dueMs);
        sleepers.splice(place === -1 ? sleepers.length : place, 0, { dueMs, wake });
        if (isGoing) return;
        isGoing = true;
        setImmediate(goOn);
      }),
  };
}
