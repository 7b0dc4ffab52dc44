import type { Random } from "../ports/index.ts";

/**
 * Routes invocations to warm environments, one at a time each, as Lambda does: mostly to the one that served the shard last,
 * and at random otherwise, so that images go stale and have to catch up.
 */
export interface EnvironmentPool<H> {
  run<R>(shardId: string, use: (handler: H) => Promise<R>): Promise<R>;
}

export interface EnvironmentPoolOptions<H> {
  readonly count: number;
  readonly create: () => H;
  readonly random: Random;
  /** Chance that an invocation goes to an environment at random. */
  readonly strayChance: number;
}

interface Waiting<H> {
  readonly shardId: string;
  readonly take: (handler: H) => void;
}

export function environmentPool<H>(options: EnvironmentPoolOptions<H>): EnvironmentPool<H> {
  const { random, strayChance } = options;
  const free = new Set(Array.from({ length: options.count }, options.create));
  const lastOf = new Map<string, H>();
  /** In the order in which they came. */
  const waiting: Waiting<H>[] = [];

  function pick(shardId: string): H {
    const last = lastOf.get(shardId);
    if (last !== undefined && free.has(last) && random.fraction() >= strayChance) return last;
    const candidates = [...free];
    return candidates[Math.floor(random.fraction() * candidates.length)] as H;
  }

  /** Mostly the oldest of those that the environment served last; each is the oldest of all some time. */
  function nextFor(handler: H): Waiting<H> | undefined {
    const strays = random.fraction() < strayChance;
    const own = strays
      ? 0
      : waiting.findIndex(({ shardId }) => (lastOf.get(shardId) ?? handler) === handler);
    return waiting.splice(Math.max(0, own), 1)[0];
  }

  return {
    run: async (shardId, use) => {
      const handler =
        free.size > 0
          ? pick(shardId)
          : await new Promise<H>((take) => waiting.push({ shardId, take }));
      free.delete(handler);
      lastOf.set(shardId, handler);
      try {
        return await use(handler);
      } finally {
        const next = nextFor(handler);
        if (next === undefined) free.add(handler);
        else next.take(handler);
      }
    },
  };
}
