/** A measurement: the labels tell it from others of its metric. */
export interface Measured {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Of a histogram: which part of it. */
  readonly part?: "bucket" | "sum" | "count";
}

export interface Metric {
  readonly name: string;
  /** "counter" grows, and begins anew with a generation. */
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly measured: readonly Measured[];
}

export const prometheusType = "text/plain; version=0.0.4; charset=utf-8";

/** Metrics in Prometheus' text format; those that nothing was measured of are left out. */
export function prometheusText(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ measured }) => measured.length > 0)
    .map(metricText)
    .join("");
}

function metricText({ name, type, help, measured }: Metric): string {
  const lines = measured.map(
    (one) => `${nameOf(name, one)}{${labelsText(one.labels)}} ${one.value}`,
  );
  return [`# HELP ${name} ${onOneLine(help)}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n");
}

/** Of a metric, or of a part of it. */
export const nameOf = (name: string, { part }: Measured): string =>
  part === undefined ? name : `${name}_${part}`;

const onOneLine = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");

const labelsText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(",");

const escaped = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
