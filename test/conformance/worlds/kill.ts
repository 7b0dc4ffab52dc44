import type { LambdaFunction } from "../../../localstack/lambda/lambda-function.ts";

export interface KillingOptions {
  /** Mean time between two kills; Infinity for none. */
  readonly everyMs: number;
  /** After so many it is quiet: what takes longer than the time between two kills would never come to its end. */
  readonly max: number;
  readonly random: () => number;
  readonly functions: () => readonly LambdaFunction[];
}

export interface Killing {
  /** How many environments were killed, by function. */
  readonly kills: ReadonlyMap<string, number>;
  stop(): void;
}

/** Kills an environment of any function at random moments, with SIGKILL: busy ones rather than idle ones. */
export function startKilling({ everyMs, max, random, functions }: KillingOptions): Killing {
  const kills = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let total = 0;
  const schedule = (): void => {
    if (everyMs === Infinity || isStopped || total >= max) return;
    // Exponential pauses: a kill is as likely at one moment as at any other.
    timer = setTimeout(() => void killOne().finally(schedule), -Math.log(1 - random()) * everyMs);
  };
  const killOne = async (): Promise<void> => {
    // By environments: a function with more of them is hit more often.
    const all = functions().flatMap((one) =>
      Array.from({ length: one.figures().environments }, () => one),
    );
    const victim = all[Math.floor(random() * all.length)];
    if ((await victim?.killOne()) !== true) return;
    total += 1;
    kills.set(victim!.name, (kills.get(victim!.name) ?? 0) + 1);
  };
  schedule();
  return {
    kills,
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
