import type { JobStatusView, MetricValueView } from "../schemas/job.ts";
import type { Measured, Metric } from "./prometheus-text.ts";

/** A metric of a user's function, and which. */
interface Found {
  readonly name: string;
  readonly labels: Measured["labels"];
  readonly value: MetricValueView;
}

const types = {
  counter: "counter",
  meter: "counter",
  gauge: "gauge",
  histogram: "histogram",
} as const;

/** What users' functions count and measure. In a job all of a name are of one kind; where jobs differ in it, their metrics have it in their names. */
export function userMetrics(jobs: readonly JobStatusView[]): readonly Metric[] {
  const found = jobs.flatMap(({ job, operators }) =>
    operators.flatMap(({ stage, name: operator, metrics = {} }) =>
      Object.entries(metrics).map(([name, value]): Found => ({
        name,
        value,
        labels: { job, stage, operator },
      })),
    ),
  );
  return [...Map.groupBy(found, ({ name }) => name)].flatMap(([name, alike]) => {
    const byType = [...Map.groupBy(alike, ({ value }) => types[value.kind])];
    return byType.map(([type, some]): Metric => ({
      name: `millrace_user_${name}${byType.length > 1 ? `_of_${type}` : ""}`,
      type,
      help: `The ${some[0]!.value.kind} "${name}" that functions of the job declare.`,
      measured: some.flatMap(measuredOf),
    }));
  });
}

function measuredOf({ labels, value }: Found): readonly Measured[] {
  if (value.kind === "gauge") return [{ labels, value: value.value }];
  if (value.kind !== "histogram") return [{ labels, value: value.count }];
  let below = 0;
  const buckets = value.counts.map((count, at): Measured => {
    below += count;
    const le = at < value.bounds.length ? String(value.bounds[at]) : "+Inf";
    return { labels: { ...labels, le }, value: below, part: "bucket" };
  });
  return [
    ...buckets,
    { labels, value: value.sum, part: "sum" },
    { labels, value: below, part: "count" },
  ];
}
