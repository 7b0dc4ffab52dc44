import type { Clock } from "../runtime/ports/index.ts";

/** A clock whose time passes only when it is told to, as fast as the work of each moment is done. */
export interface VirtualClock extends Clock {
  /** Lets time pass: wakes whoever sleeps until then, one after the other in the order of time. Resolves when all have gone to sleep again. */
  passTo(timeMs: number): Promise<void>;
  /** Puts the clock forward without a stop on the way: whoever sleeps wakes late. */
  skipTo(timeMs: number): void;
}

interface Sleeper {
  readonly untilMs: number;
  readonly wake: () => void;
}

/** Work that waits for nothing but itself is over within one turn of the event loop: what runs on this clock must know no other. */
export function virtualClock(startMs: number): VirtualClock {
  let nowMs = startMs;
  const sleepers: Sleeper[] = [];
  const nextUntil = (timeMs: number): Sleeper | undefined =>
    (sleepers[0]?.untilMs ?? Number.POSITIVE_INFINITY) <= timeMs ? sleepers.shift() : undefined;
  return {
    nowMs: () => nowMs,
    sleep: (durationMs) =>
      new Promise((wake) => {
        const untilMs = nowMs + Math.max(0, durationMs);
        const at = sleepers.findIndex((other) => other.untilMs > untilMs);
        sleepers.splice(at === -1 ? sleepers.length : at, 0, { untilMs, wake });
      }),
    async passTo(timeMs) {
      await turn();
      for (let next = nextUntil(timeMs); next !== undefined; next = nextUntil(timeMs)) {
        nowMs = Math.max(nowMs, next.untilMs);
        next.wake();
        await turn();
      }
      nowMs = Math.max(nowMs, timeMs);
    },
    skipTo(timeMs) {
      nowMs = Math.max(nowMs, timeMs);
    },
  };
}

/** Resolves when every promise that can go on has. A timer would do as well, but browsers make it wait. */
async function turn(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  await new Promise<void>((resolve) => {
    port1.addEventListener("message", () => resolve(), { once: true });
    port1.start();
    port2.postMessage(undefined);
  });
  port1.close();
}
