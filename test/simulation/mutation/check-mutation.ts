import { rm } from "node:fs/promises";
import { join } from "node:path";
import { bundleSimulator } from "../bundle-simulator.ts";
import type { Mutation } from "./mutation.ts";
import type { RunOrder, SeedFailure } from "./mutant-messages.ts";
import { type MutantProcess, startMutant } from "./mutant-process.ts";

export interface Search {
  readonly folder: string;
  /** The simulator as it is. */
  readonly unmutated: MutantProcess;
  /** Seeds that may be run. */
  readonly seeds: number;
  readonly budgetMs: number;
  /** Begins with seed 1, not near the recorded one. */
  readonly anew: boolean;
}

export interface MutationResult {
  readonly mutation: Mutation;
  readonly first: number;
  /** The last seed that was run. */
  readonly last: number;
  readonly seconds: number;
  /** How it was noticed; absent where it was not. */
  readonly found?: SeedFailure;
  /** One of the same seeds that fails without the mutation as well: then nothing was noticed. */
  readonly failsAnyway?: SeedFailure;
}

/** One seed may take this long; some take two seconds. */
const hang = { hangMs: 60_000, hangProcessorMs: 20_000 };

/** Runs a mutated simulator until a seed fails, and the simulator as it is on the same seeds. */
export async function checkMutation(mutation: Mutation, search: Search): Promise<MutationResult> {
  const { name, edits } = mutation;
  const beganMs = performance.now();
  const bundle = join(search.folder, `${name}.mjs`);
  await bundleSimulator({ entry: "mutation/run-mutant.ts", outfile: bundle, edits });
  const order = orderOf(mutation, search);
  const mutant = startMutant(bundle);
  const { failed, seed } = await mutant.run(order, { budgetMs: search.budgetMs, ...hang });
  mutant.end();
  await rm(bundle);
  const result = { mutation, first: order.first, last: seed };
  const seconds = (): number => (performance.now() - beganMs) / 1_000;
  if (failed === undefined) return { ...result, seconds: seconds() };
  // Where thousands were run, those before the finding one are left to `npm run simulate`.
  const control = { ...order, first: search.anew ? seed : order.first, last: seed };
  const unmutated = await search.unmutated.run(control, {
    budgetMs: Number.POSITIVE_INFINITY,
    ...hang,
  });
  return {
    ...result,
    seconds: seconds(),
    ...(unmutated.failed === undefined ? { found: failed } : { failsAnyway: unmutated.failed }),
  };
}

function orderOf({ focus, from = 1 }: Mutation, { seeds, anew }: Search): RunOrder {
  const first = anew ? 1 : from;
  return {
    shapes: focus?.shapes ?? [],
    faults: focus?.faults ?? [],
    mission: focus?.mission,
    first,
    last: first + seeds - 1,
  };
}
