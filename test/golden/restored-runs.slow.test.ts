import { describe, expect, test } from "vitest";
import type { Mission } from "../simulation/operator.ts";
import { dice } from "../simulation/random.ts";
import { runSeed, type SeedReport } from "../simulation/run-seed.ts";
import type { Outcome, Shape } from "../simulation/shape.ts";
import { shapes } from "../simulation/shapes/index.ts";
import { plainRun } from "../simulation/shapes/plain-run.ts";

/**
 * What two runs of one case must have in common, as text. Appended results show every step of a rolling state, and thereby
 * in which order shards were served: those are left to the shape's own check.
 */
function textOf({ tables, deadLetters, state }: Outcome): string {
  const sorted = (values: readonly unknown[]): readonly string[] =>
    values.map((value) => JSON.stringify(value)).sort();
  return JSON.stringify(
    {
      tables: [...tables].map(([table, rows]) => [table, sorted(rows.map(byName))]).sort(),
      deadLetters: sorted(deadLetters.map(({ kind, operator, payload }) => [kind, operator, payload])),
      state: [...state].map(([name, entries]) => [name, sorted([...entries])]).sort(),
    },
    undefined,
    1,
  );
}

function byName(row: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(Object.entries(row).sort(([one], [other]) => (one < other ? -1 : 1)));
}

interface Simulated {
  readonly report: SeedReport;
  readonly outcome: Outcome | undefined;
}

async function simulated(shape: Shape, seed: number, mission: Mission): Promise<Simulated> {
  let outcome: Outcome | undefined;
  const report = await runSeed({
    shape,
    seed,
    mission,
    forced: new Set(["environment-crash", "coordinator-crash", "operator-crash"]),
    outcome: (found) => (outcome = found),
  });
  return { report, outcome };
}

/** The first seed, of a few, in whose world the job was stopped and restored. */
async function restored(shape: Shape): Promise<{ readonly seed: number; readonly run: Simulated }> {
  for (let seed = 1; seed <= 12; seed++) {
    const run = await simulated(shape, seed, "stop");
    expect(run.report.failures).toEqual([]);
    if ((run.report.figures["restores"] ?? 0) > 0) return { seed, run };
  }
  throw new Error(`No seed of ${shape.name} was restored.`);
}

/**
 * Rolling values of one stage are the input of another; processing time decides what a timer finds; rows are kept in the order in which they came, and
 * which of them still live when another one comes depends on that, too.
 */
const orderShows = new Set(["two-key-bys", "timers", "multi-join", "expiring"]);

describe.each(shapes.map((shape) => ({ name: shape.name, shape })))("$name", ({ shape }) => {
  test("a plain run, a crashed run, and a run that was stopped, rescaled and restored agree", async () => {
    const { seed, run } = await restored(shape);
    const crashed = await simulated(shape, seed, "none");
    expect(crashed.report.failures).toEqual([]);
    const planned = shape.plan(dice(seed));
    const plain = await plainRun(planned, { shards: 1 });
    const rescaled = await plainRun(planned, { shards: 3 });
    // Where the order of arrival shows in the results, each run is compared with the plain computation over what it took.
    const decides =
      orderShows.has(shape.name) ||
      planned.job.graph.nodes.some(({ kind }) => kind === "window" || kind === "windowJoin");
    const outcomes = [plain, rescaled, crashed.outcome, run.outcome];
    for (const outcome of outcomes) expect(planned.check(outcome!)).toEqual([]);
    if (decides) return;
    const [expected, ...others] = outcomes.map((outcome) => textOf(outcome!));
    for (const other of others) expect(other).toBe(expected);
  });
});
