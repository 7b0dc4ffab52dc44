import type { MetricValues } from "../runtime/graph/metric-values.ts";
import { readPressure } from "../runtime/job/pressure.ts";
import { listProgress, type SlotProgress, written } from "../runtime/job/progress.ts";
import { ownerOfSlot } from "../runtime/job/slot-ref.ts";
import { type JobProgress, jobProgress } from "../runtime/observe/job-progress.ts";
import { sumOf } from "../runtime/observe/living-slots.ts";
import { jobStatus, type JobStatus, statusOfRows } from "../runtime/observe/job-status.ts";
import type { Plan } from "../runtime/plan/plan.ts";
import { findDescription, findGeneration } from "./found-job.ts";
import type {
  JobStatusView,
  JobSummary,
  MetricValueView,
  OperatorProgressView,
} from "./schemas/job.ts";
import type { ServedStore } from "./served-store.ts";

/** How a job is. @throws MillraceError `job-unknown` */
export async function statusView(store: ServedStore, job: string): Promise<JobStatusView> {
  const { ports } = store;
  const generation = await findGeneration(store, job);
  const atMs = ports.clock.nowMs();
  if (generation === undefined) return viewOf(await jobStatus(ports, job), [], { atMs });
  const rows = await listProgress(ports, { job, generation: generation.generation });
  const status = await statusOfRows(ports, job, { generation, rows });
  const known = await findDescription(store, job, generation);
  const pressure = await readPressure(ports, job);
  return viewOf(status, rows, {
    atMs,
    exchangeLagMs: generation.ended ? 0 : (pressure?.exchangeLagMs ?? 0),
    ...(known && { plan: known.plan }),
  });
}

interface Beside {
  readonly atMs: number;
  readonly exchangeLagMs?: number;
  readonly plan?: Plan;
}

function viewOf(
  { watermarksMs, slots, ...status }: JobStatus,
  rows: readonly SlotProgress[],
  { atMs, exchangeLagMs = 0, plan }: Beside,
): JobStatusView {
  const { lateElements, alignment, tableKeyMismatches, retrying, ...rest } = status;
  return {
    ...rest,
    atMs,
    exchangeLagMs,
    lateElements: { ...lateElements },
    alignment: [...alignment],
    tableKeyMismatches: [...tableKeyMismatches],
    retrying: [...retrying],
    commits: sumOf(rows, ({ version }) => version),
    watermarksMs: Object.fromEntries(
      Object.entries(watermarksMs).map(([stage, ms]) => [stage, written(ms)]),
    ),
    slots: slots.map((slot) => ({
      ...slot,
      owner: ownerOfSlot(slot.slot),
      watermarkMs: written(slot.watermarkMs),
    })),
    operators: plan === undefined ? [] : operatorViews(jobProgress(plan, rows, atMs)),
  };
}

export const operatorViews = ({ operators }: JobProgress): OperatorProgressView[] =>
  operators.map(({ metrics, ...operator }) => ({
    ...operator,
    watermarkMs: written(operator.watermarkMs),
    ...(metrics && { metrics: metricViews(metrics) }),
  }));

const metricViews = (metrics: MetricValues): Record<string, MetricValueView> =>
  Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [
      name,
      value.kind === "histogram"
        ? { ...value, bounds: [...value.bounds], counts: [...value.counts] }
        : value,
    ]),
  );

/** What a list says of each job. */
export async function summaryView({ ports }: ServedStore, job: string): Promise<JobSummary> {
  const { state, generation, publishedMs, watermarkLagMs, epochs, ...status } = await jobStatus(
    ports,
    job,
  );
  const { records, deadLetters, stateBytes, keys } = status;
  return {
    job,
    state,
    ...(generation !== undefined && { generation }),
    ...(publishedMs !== undefined && { publishedMs }),
    ...(watermarkLagMs !== undefined && { watermarkLagMs }),
    ...(epochs.completed !== undefined && { completedEpoch: epochs.completed }),
    records,
    deadLetters,
    stateBytes,
    keys,
  };
}
