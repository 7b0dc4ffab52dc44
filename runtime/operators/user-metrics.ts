import type { MetricDeclaration, MetricDeclarations } from "../graph/metric-declarations.ts";
import { type MetricValue, type MetricValues, valueFitting } from "../graph/metric-values.ts";

/**
 * Metrics of a user's functions, in one slot. What they count belongs to the step in which it is counted: it is kept with the commit, and
 * undone with the step.
 */
export interface UserMetrics {
  /** By name, as functions use them. */
  readonly handles: Readonly<Record<string, object>>;
  /** As they are now. */
  values(): MetricValues;
  /** Back to what was committed; undefined where nothing was yet. */
  restore(values: MetricValues | undefined): void;
}

interface Cell {
  readonly handle: object;
  value(): MetricValue | undefined;
  restore(value: MetricValue | undefined): void;
}

export function userMetrics(declarations: MetricDeclarations): UserMetrics {
  const cells = Object.entries(declarations).map(
    ([name, declaration]) => [name, declaration, cellOf(name, declaration)] as const,
  );
  return {
    handles: Object.freeze(
      Object.fromEntries(cells.map(([name, , { handle }]) => [name, Object.freeze(handle)])),
    ),
    values() {
      const values: Record<string, MetricValue> = {};
      for (const [name, , cell] of cells) {
        const value = cell.value();
        if (value !== undefined) values[name] = value;
      }
      return values;
    },
    restore(values) {
      for (const [name, declaration, cell] of cells)
        cell.restore(valueFitting(declaration, values?.[name]));
    },
  };
}

function cellOf(name: string, declaration: MetricDeclaration): Cell {
  switch (declaration.kind) {
    case "counter":
    case "meter":
      return countingCell(name, declaration.kind);
    case "gauge":
      return gaugeCell(name, declaration.over);
    case "histogram":
      return histogramCell(name, declaration.bounds);
  }
}

function countingCell(name: string, kind: "counter" | "meter"): Cell {
  let count = 0;
  const raise = (by = 1): void => {
    if (!(checked(name, by) >= 0))
      throw new RangeError(`The ${kind} "${name}" can't be raised by ${by}.`);
    count += by;
  };
  return {
    handle: kind === "counter" ? { inc: raise } : { markEvent: raise },
    value: () => ({ kind, count }),
    restore: (value) => void (count = value !== undefined && "count" in value ? value.count : 0),
  };
}

function gaugeCell(name: string, over: "sum" | "min" | "max"): Cell {
  let now: number | undefined;
  return {
    handle: { set: (value: number) => void (now = checked(name, value)) },
    value: () => (now === undefined ? undefined : { kind: "gauge", value: now, over }),
    restore: (value) => void (now = value?.kind === "gauge" ? value.value : undefined),
  };
}

function histogramCell(name: string, bounds: readonly number[]): Cell {
  let counts: number[] = [...bounds, 0].fill(0);
  let sum = 0;
  return {
    handle: {
      update(value: number) {
        sum += checked(name, value);
        const at = bounds.findIndex((bound) => value <= bound);
        counts[at === -1 ? bounds.length : at]! += 1;
      },
    },
    value: () => ({ kind: "histogram", bounds, counts: [...counts], sum }),
    restore(value) {
      const before = value?.kind === "histogram" ? value : undefined;
      counts = before === undefined ? [...bounds, 0].fill(0) : [...before.counts];
      sum = before?.sum ?? 0;
    },
  };
}

/** JSON has no other numbers. */
function checked(name: string, value: number): number {
  if (Number.isFinite(value)) return value;
  throw new RangeError(`The metric "${name}" takes finite numbers, not ${String(value)}.`);
}
