import { runSeed } from "../run-seed.ts";
import { shapes } from "../shapes/index.ts";
import type { MutantMessage, RunOrder } from "./mutant-messages.ts";

/** Runs seeds as its parent orders, and tells of each how it went; it ends at the first failure. */
async function run(order: RunOrder): Promise<void> {
  const chosen = shapes.filter(
    ({ name }) => order.shapes.length === 0 || order.shapes.includes(name),
  );
  if (
    chosen.length === 0 ||
    order.shapes.some((name) => !chosen.some((shape) => shape.name === name))
  )
    throw new Error(`There is no shape for one of: ${order.shapes.join(", ")}`);
  const mission = order.mission === undefined ? {} : { mission: order.mission };
  const forced = new Set(order.faults);
  for (let seed = order.first; seed <= order.last; seed++) {
    const shape = chosen[(seed - 1) % chosen.length]!;
    const { failures } = await runSeed({ shape, seed, forced, ...mission });
    const [failure] = failures;
    if (failure !== undefined) return tell({ kind: "failed", seed, shape: shape.name, failure });
    await tell({ kind: "passed", seed });
  }
  await tell({ kind: "done" });
}

function tell(message: MutantMessage): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, () => resolve());
  });
}

process.on("message", (order: RunOrder) => {
  run(order).catch((thrown: unknown) => {
    console.error(thrown);
    process.exit(1);
  });
});
