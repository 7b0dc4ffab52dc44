import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundleSimulator } from "../bundle-simulator.ts";
import { checkMutation, type MutationResult, type Search } from "./check-mutation.ts";
import { startMutant } from "./mutant-process.ts";
import type { Mutation } from "./mutation.ts";
import { notesOf, tableOf } from "./mutation-table.ts";
import { mutations } from "./mutations.ts";
import { notFound } from "./not-found.ts";

const usage = `Disables each rule of the protocol in turn, and runs the simulator until it notices.

  npm run mutate -- [options]

  --only NAME    this mutation only; may be given several times
  --find         begin with seed 1, not near the seed that is recorded, and try those that are never noticed too
  --seeds N      seeds of each mutation at most (2000)
  --budget N     seconds for each mutation at most (120)
  --workers N    so many processes at once (2)

Ends with 1 where a mutation is not noticed, or where the simulator fails without it.
`;

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    find: { type: "boolean", default: false },
    seeds: { type: "string", default: "2000" },
    budget: { type: "string", default: "120" },
    workers: { type: "string", default: "2" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(usage);
else process.exitCode = await mutate(choose(values.only ?? []));

function choose(only: readonly string[]): readonly Mutation[] {
  const all: readonly Mutation[] = [...mutations, ...notFound];
  const unknown = only.filter((name) => !all.some((mutation) => mutation.name === name));
  if (unknown.length > 0) throw new Error(`There is no mutation ${unknown.join(", ")}.`);
  if (only.length > 0) return all.filter(({ name }) => only.includes(name));
  return values.find ? all : mutations;
}

async function mutate(chosen: readonly Mutation[]): Promise<number> {
  const beganMs = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "millrace-mutants-"));
  try {
    const unmutated = join(folder, "unmutated.mjs");
    await bundleSimulator({ entry: "mutation/run-mutant.ts", outfile: unmutated });
    const search = {
      folder,
      seeds: Number(values.seeds),
      budgetMs: Number(values.budget) * 1_000,
      anew: values.find,
    };
    const results = await checkAll(chosen, search, unmutated);
    console.log(tableOf(results));
    if (values.only === undefined && !values.find)
      console.log(`\nNever noticed, and not run here:\n${notesOf(notFound)}`);
    const noticed = results.filter(({ found }) => found !== undefined).length;
    const seconds = (performance.now() - beganMs) / 1_000;
    console.log(
      `\n${noticed} of ${chosen.length} mutations are noticed, ${notFound.length} are known never to be; ${seconds.toFixed(0)} s`,
    );
    return results.every(isRight) ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What is known never to be noticed is noticed no more than it was. */
function isRight({ mutation, found, failsAnyway }: MutationResult): boolean {
  const isKnown = notFound.some(({ name }) => name === mutation.name);
  return failsAnyway === undefined && (found !== undefined) !== isKnown;
}

async function checkAll(
  chosen: readonly Mutation[],
  search: Omit<Search, "unmutated">,
  unmutatedBundle: string,
): Promise<readonly MutationResult[]> {
  const results: MutationResult[] = [];
  const waiting = [...chosen];
  const worker = async (): Promise<void> => {
    const unmutated = startMutant(unmutatedBundle);
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const result = await checkMutation(next, { ...search, unmutated });
      results.push(result);
      if (process.stderr.isTTY || search.anew)
        console.error(
          `${results.length} of ${chosen.length}: ${next.name} ${result.found?.seed ?? `not up to ${result.last}`}`,
        );
    }
    unmutated.end();
  };
  await Promise.all(Array.from({ length: Number(values.workers) }, worker));
  const places = new Map(chosen.map(({ name }, index) => [name, index]));
  return results.toSorted(
    (left, right) => (places.get(left.mutation.name) ?? 0) - (places.get(right.mutation.name) ?? 0),
  );
}
