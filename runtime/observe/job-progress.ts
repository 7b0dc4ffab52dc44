import { mergedValues, type MetricValues } from "../graph/metric-values.ts";
import { noWatermark, type StageWatermark } from "../exchange/watermark.ts";
import { listProgress, type SlotProgress } from "../job/progress.ts";
import { refusedInputs } from "../job/refused-input.ts";
import { ownerOfSlot } from "../job/slot-ref.ts";
import { operatorName } from "../plan/operator-name.ts";
import { exchangeSlots, type Plan, type Stage } from "../plan/plan.ts";
import type { Ports } from "../ports/index.ts";
import { livingSlots, sumOf, totalsOf, watermarksOf } from "./living-slots.ts";

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
  /** Over all slots, what its functions count and measure; absent where that is nothing. */
  readonly metrics?: MetricValues;
}

export function jobProgress(plan: Plan, rows: readonly SlotProgress[], atMs: number): JobProgress {
  const living = livingSlots(rows);
  const { records, stateBytes, keys, deadLetters } = totalsOf(living);
  const watermarks = watermarksOf(living);
  return {
    atMs,
    records,
    commits: sumOf(rows, ({ version }) => version),
    stateBytes,
    keys,
    deadLetters,
    operators: plan.stages.flatMap((stage) => operatorsOf(stage, living, watermarks[stage.id])),
  };
}

/** Reads a job's progress as it stands, with what of its inputs was refused before any slot. */
export async function readJobProgress(
  ports: Pick<Ports, "control" | "clock">,
  plan: Plan,
  generation: number,
): Promise<JobProgress> {
  const rows = await listProgress(ports, { job: plan.job, generation });
  const progress = jobProgress(plan, rows, ports.clock.nowMs());
  const refused = await refusedInputs(ports, plan.job);
  return { ...progress, deadLetters: progress.deadLetters + refused };
}

function operatorsOf(
  stage: Stage,
  living: readonly SlotProgress[],
  { ms, idle }: StageWatermark = noWatermark,
): readonly OperatorProgress[] {
  const owner = stage.kind === "exchange" ? exchangeSlots : stage.source;
  const slots = living.filter(({ slot }) => ownerOfSlot(slot) === owner);
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
    const metrics = metricsOver(slots, name);
    return {
      name,
      received: counted(0),
      late: counted(1),
      stateBytes,
      deadLetters,
      ...(metrics && { metrics }),
      ...shared,
    };
  });
}

function metricsOver(slots: readonly SlotProgress[], name: string): MetricValues | undefined {
  const values = slots
    .map(({ counters: { user } }) => user?.[name])
    .filter((known) => known !== undefined);
  return values.length === 0 ? undefined : values.reduce(mergedValues);
}
