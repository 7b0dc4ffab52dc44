/** What every metric of a user's functions has. */
interface DescribedMetric {
  /** What it is of, for those who see it. Default: nothing is said. */
  readonly description?: string;
}

export interface CounterDeclaration extends DescribedMetric {
  readonly kind: "counter";
}

export interface MeterDeclaration extends DescribedMetric {
  readonly kind: "meter";
}

/** What the gauges of several slots make together. */
export type GaugeOver = "sum" | "min" | "max";

export interface GaugeDeclaration extends DescribedMetric {
  readonly kind: "gauge";
  readonly over: GaugeOver;
}

export interface HistogramDeclaration extends DescribedMetric {
  readonly kind: "histogram";
  /** Upper ends of its buckets, ascending; one without an end follows. */
  readonly bounds: readonly number[];
}

/** A metric that a process function declares: plain data. */
export type MetricDeclaration =
  | CounterDeclaration
  | MeterDeclaration
  | GaugeDeclaration
  | HistogramDeclaration;

export type MetricDeclarations = Readonly<Record<string, MetricDeclaration>>;

export interface Counter {
  /** By a number that is not negative. Default: 1. */
  inc(by?: number): void;
}

/** Counts what happens to be looked at per second. */
export interface Meter {
  /** Default: one. */
  markEvent(events?: number): void;
}

export interface Gauge {
  set(value: number): void;
}

export interface Histogram {
  update(value: number): void;
}

interface HandleOfKind {
  readonly counter: Counter;
  readonly meter: Meter;
  readonly gauge: Gauge;
  readonly histogram: Histogram;
}

/** Declared metrics as functions use them. */
export type MetricHandles<M extends MetricDeclarations> = {
  readonly [Name in keyof M]: HandleOfKind[M[Name]["kind"]];
};
