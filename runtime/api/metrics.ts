import type {
  CounterDeclaration,
  GaugeDeclaration,
  GaugeOver,
  HistogramDeclaration,
  MeterDeclaration,
} from "../graph/metric-declarations.ts";

export interface MetricOptions {
  /** What it is of, for those who see it: at most 200 characters. Default: nothing is said. */
  readonly description?: string;
}

export interface GaugeOptions extends MetricOptions {
  /** What the gauges of several slots make together. Default: their sum. */
  readonly over?: GaugeOver;
}

export interface HistogramOptions extends MetricOptions {
  /** Upper ends of its buckets, 1 to 20, ascending. Default: 1, 2, 5, 10, 20, 50, … up to 10,000. */
  readonly bounds?: readonly number[];
}

/** Declares a metric that grows: `metrics.refused.inc()`. */
export const counter = (options: MetricOptions = {}): CounterDeclaration =>
  Object.freeze({ kind: "counter", ...described(options) });

/** Declares one that counts what is looked at per second: `metrics.orders.markEvent()`. */
export const meter = (options: MetricOptions = {}): MeterDeclaration =>
  Object.freeze({ kind: "meter", ...described(options) });

/** Declares one that is set, and stands as it was set last in each slot: `metrics.open.set(3)`. */
export const gauge = ({ over = "sum", ...options }: GaugeOptions = {}): GaugeDeclaration =>
  Object.freeze({ kind: "gauge", over, ...described(options) });

const defaultBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

/** Declares a distribution: `metrics.items.update(order.items.length)`. */
export const histogram = ({
  bounds = defaultBounds,
  ...options
}: HistogramOptions = {}): HistogramDeclaration =>
  Object.freeze({ kind: "histogram", bounds: Object.freeze([...bounds]), ...described(options) });

const described = ({ description }: MetricOptions): MetricOptions =>
  description === undefined ? {} : { description };
