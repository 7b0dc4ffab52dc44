import type { JobDefinition, JobOptions } from "../../../runtime/index.ts";
import type { Dice } from "../shape.ts";

/** What is random about a job itself, shared by all shapes. */
export interface JobVariant {
  readonly maxParallelism: 16 | 32;
  readonly attempts: 1 | 2;
}

export function anyVariant(dice: Dice): JobVariant {
  return { maxParallelism: dice.pick([16, 32]), attempts: dice.pick([1, 2]) };
}

export function jobOptions({ maxParallelism, attempts }: JobVariant): Partial<JobOptions> {
  return { maxParallelism, restart: { kind: "fixed-delay", attempts, delayMs: 1 } };
}

export interface Versions {
  readonly job: JobDefinition;
  readonly redeployed: JobDefinition;
}

/**
 * Makes each variant of a job once, and once more as its next version: jobs are frozen and keep nothing, so that seeds
 * can share them.
 */
export function versions<V extends JobVariant>(
  build: (variant: V) => JobDefinition,
): (variant: V) => Versions {
  const made = new Map<string, Versions>();
  return (variant) => {
    const name = JSON.stringify(variant);
    let found = made.get(name);
    if (found === undefined)
      made.set(name, (found = { job: build(variant), redeployed: build(variant) }));
    return found;
  };
}
