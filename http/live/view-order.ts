import type { ViewDescription } from "../../runtime/graph/view.ts";

export interface ViewOrder {
  readonly by: string;
  readonly descending: boolean;
}

/** Rows that a drawn view can't do without come first; undefined where one is as good as another. */
export function orderOfView({ chart, time }: ViewDescription): ViewOrder | undefined {
  if (chart.kind === "table" && chart.order !== undefined)
    return { by: chart.order, descending: chart.descending === true };
  if (chart.kind === "bars") return { by: chart.value, descending: true };
  return time === undefined ? undefined : { by: time, descending: true };
}
