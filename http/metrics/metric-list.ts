import { type Measurement, ofJob, ofJobs, ofOperator, ofSlot } from "./measurements.ts";
import type { Metric } from "./prometheus-text.ts";

/** A metric that is always there; those of users' functions come on top. */
export interface ListedMetric extends Pick<Metric, "name" | "type" | "help"> {
  readonly labels: readonly string[];
  /** What Flink calls it; absent where Flink has nothing like it. */
  readonly flink?: string;
}

/** What the names of metrics begin with, by what they are of. */
export const prefixes = {
  job: "millrace_job",
  operator: "millrace_operator",
  slot: "millrace_slot",
} as const;

/** All metrics that `/metrics` writes. */
export const metricList: readonly ListedMetric[] = [
  ...listed(prefixes.job, ["job"], ofJobs),
  ...listed(prefixes.job, ["job"], ofJob),
  ...listed(prefixes.operator, ["job", "stage", "operator"], ofOperator),
  ...listed(prefixes.slot, ["job", "slot"], ofSlot),
];

function listed(
  prefix: string,
  labels: readonly string[],
  measurements: readonly Measurement<never>[],
): readonly ListedMetric[] {
  return measurements.map(([name, type, help, , flink = name]) => ({
    name: `${prefix}_${name}`,
    type,
    help,
    labels,
    ...(flink !== "" && { flink }),
  }));
}
