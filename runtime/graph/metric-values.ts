import type { GaugeOver, MetricDeclaration } from "./metric-declarations.ts";

/** What a metric of a user's functions has come to: plain JSON, which says itself what it is. */
export type MetricValue =
  | { readonly kind: "counter" | "meter"; readonly count: number }
  | { readonly kind: "gauge"; readonly value: number; readonly over: GaugeOver }
  | {
      readonly kind: "histogram";
      readonly bounds: readonly number[];
      /** One for each bound, and one for what is above the last: none holds those of another. */
      readonly counts: readonly number[];
      readonly sum: number;
    };

/** By name; a gauge that was never set is absent. */
export type MetricValues = Readonly<Record<string, MetricValue>>;

/** What a metric of this declaration may go on from; undefined where another one of its name has left it. */
export function valueFitting(
  declaration: MetricDeclaration,
  value: MetricValue | undefined,
): MetricValue | undefined {
  if (value?.kind !== declaration.kind) return undefined;
  const isOther =
    value.kind === "histogram" &&
    declaration.kind === "histogram" &&
    !areSame(value.bounds, declaration.bounds);
  return isOther ? undefined : value;
}

/** What the metrics of two slots are together. */
export function mergedValues(one: MetricValues, other: MetricValues): MetricValues {
  const merged: Record<string, MetricValue> = { ...one };
  for (const [name, value] of Object.entries(other)) {
    const { [name]: before } = merged;
    merged[name] = before === undefined ? value : mergedValue(before, value);
  }
  return merged;
}

/** Of two that don't fit together, as while one slot runs an older version, the later one counts. */
function mergedValue(one: MetricValue, other: MetricValue): MetricValue {
  if (one.kind === "gauge" && other.kind === "gauge")
    return { ...other, value: overBoth[other.over](one.value, other.value) };
  if (one.kind === "histogram" && other.kind === "histogram" && areSame(one.bounds, other.bounds))
    return {
      ...other,
      counts: other.counts.map((count, at) => count + (one.counts[at] ?? 0)),
      sum: one.sum + other.sum,
    };
  if ("count" in one && "count" in other) return { ...other, count: one.count + other.count };
  return other;
}

const overBoth: Readonly<Record<GaugeOver, (one: number, other: number) => number>> = {
  sum: (one, other) => one + other,
  min: Math.min,
  max: Math.max,
};

const areSame = (one: readonly number[], other: readonly number[]): boolean =>
  one.length === other.length && one.every((bound, at) => bound === other[at]);
