import type { ViewDescription } from "../../runtime/graph/view.ts";
import type { Row } from "../../runtime/ports/index.ts";

/** The one number of a view that is one, of all rows of its table. */
export interface ViewNumber {
  add(row: Row): void;
  /** Undefined where no row has it. */
  value(): number | undefined;
}

/** Undefined where a view is no number. */
export function viewNumber({ chart, time }: ViewDescription): ViewNumber | undefined {
  if (chart.kind !== "number") return undefined;
  let number: number | undefined;
  let newestMs = Number.NEGATIVE_INFINITY;
  return {
    add(row) {
      const { [chart.value]: value } = row;
      if (typeof value !== "number") return;
      if (chart.of === "sum") {
        number = (number ?? 0) + value;
        return;
      }
      const atMs = time === undefined ? 0 : Number(row[time] ?? Number.NEGATIVE_INFINITY);
      if (number !== undefined && atMs < newestMs) return;
      newestMs = atMs;
      number = value;
    },
    value: () => number,
  };
}
