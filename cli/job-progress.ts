import { combineOwnWatermarks } from "../runtime/exchange/watermark.ts";
import type { Plan, Stage } from "../runtime/plan/plan.ts";
import type { SlotProgress } from "../runtime/job/progress.ts";
import { operatorName } from "../runtime/plan/operator-name.ts";

/** How far a job has come, over all slots: sums that grow, and watermarks. */
export interface JobProgress {
  readonly atMs: number;
  /** Records that source slots have taken. */
  readonly records: number;
  /** Commits of all slots whose outputs are delivered. */
  readonly commits: number;
  readonly stateBytes: number;
  readonly keys: number;
  readonly deadLetters: number;
  /** In the order of the plan. */
  readonly operators: readonly OperatorProgress[];
}

export interface OperatorProgress {
  /** `<stage>/<uid>` */
  readonly name: string;
  readonly stage: string;
  readonly received: number;
  readonly late: number;
  /** The stage's slowest active slot, where all are idle the fastest; -Infinity before the first element, +Infinity at the end. */
  readonly watermarkMs: number;
  /** Nothing that feeds the stage is active. */
  readonly idle: boolean;
  readonly stateBytes: number;
  readonly deadLetters: number;
}

export function jobProgress(plan: Plan, rows: readonly SlotProgress[], atMs: number): JobProgress {
  // The children of a sealed slot have inherited its counters.
  const slots = rows.filter(({ sealed }) => !sealed);
  const ofSources = slots.filter(({ slot }) => !slot.startsWith("exchange/"));
  return {
    atMs,
    records: sumOf(ofSources, ({ counters }) => counters.records),
    commits: sumOf(rows, ({ version }) => version),
    stateBytes: sumOf(slots, ({ stateBytes }) => stateBytes),
    keys: sumOf(slots, ({ keys }) => keys),
    deadLetters: sumOf(slots, ({ counters }) => counters.deadLetters),
    operators: plan.stages.flatMap((stage) => operatorsOf(stage, slots)),
  };
}

function operatorsOf(stage: Stage, all: readonly SlotProgress[]): readonly OperatorProgress[] {
  const prefix = stage.kind === "exchange" ? "exchange/" : `${stage.source}/`;
  const slots = all.filter(({ slot }) => slot.startsWith(prefix));
  const { ms, idle } = combineOwnWatermarks(slots.map(({ watermarks }) => watermarks[stage.id]));
  const shared = { stage: stage.id, watermarkMs: ms, idle };
  return stage.operators.map((operator) => {
    const name = operatorName(stage, operator);
    const counted = (index: 0 | 1) =>
      sumOf(slots, ({ counters }) => counters.operators[name]?.[index] ?? 0);
    const stateBytes = sumOf(
      slots,
      ({ stateBytesByOperator }) => stateBytesByOperator?.[name] ?? 0,
    );
    const deadLetters = sumOf(slots, ({ counters }) => counters.deadLettersByOperator?.[name] ?? 0);
    return { name, received: counted(0), late: counted(1), stateBytes, deadLetters, ...shared };
  });
}

function sumOf<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0);
}
