import type { JSX } from "preact";
import type { MetricValueView, OperatorProgressView } from "../../../http/schemas/job.ts";
import type { OperatorView } from "../../../http/schemas/plan.ts";
import { count, rate } from "../format/numbers.ts";
import { spreadOf } from "../format/spread.ts";
import { type LiveJob, rateNameOf } from "../live/live-job.ts";
import { Table } from "../parts/table.tsx";

export interface OwnMetricsProps {
  readonly live: LiveJob;
  readonly operator: OperatorView["operator"];
  readonly metrics: NonNullable<OperatorProgressView["metrics"]>;
}

/** What the functions of an operator count and measure themselves. */
export function OwnMetrics({ live, operator, metrics }: OwnMetricsProps): JSX.Element {
  const shown = (name: string, value: MetricValueView): string => {
    if (value.kind === "gauge") return count(value.value);
    if (value.kind === "histogram") return spreadOf(value);
    if (value.kind === "counter") return count(value.count);
    const perSecond = live.rates.value[rateNameOf(operator.name, name)] ?? 0;
    return `${rate(perSecond)} /s, ${count(value.count)} in all`;
  };
  return (
    <Table
      caption={`Metrics of ${operator.name}`}
      columns={[
        { name: "Metric", cell: ([name]) => <span class="mono">{name}</span> },
        { name: "Value", kind: "number", cell: ([name, value]) => shown(name, value) },
        { name: "Kind", cell: ([, { kind }]) => kind },
        {
          name: "Of what",
          kind: "fill",
          cell: ([name]) => operator.metrics?.[name]?.description ?? "",
        },
      ]}
      rows={Object.entries(metrics)}
      rowKey={([name]) => name}
    />
  );
}
