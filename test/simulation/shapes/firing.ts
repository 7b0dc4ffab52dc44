import type { AggregateFunction, WindowContext } from "../../../runtime/index.ts";
import { report } from "../shape.ts";
import { type Item, springTrap } from "./item.ts";

/** What a window gives: enough to tell which items it holds. */
export interface WindowResult {
  readonly key: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly n: number;
  readonly sum: number;
  /** Ids of its items, in the order in which they came. */
  readonly ids: readonly string[];
}

/** A result as it stands in the log of firings. */
export interface Firing extends WindowResult {
  readonly change: "insert" | "replace" | "delete";
}

interface Collected {
  ids: string[];
  sum: number;
  /** The last sequence number by producer. */
  last: Record<string, number>;
  /** An item on which the result's function throws is among them. */
  trapped: boolean;
}

type Result = Omit<WindowResult, "key" | "startMs" | "endMs"> & { readonly trapped: boolean };

export const collecting: AggregateFunction<Item, Collected, Result> & {
  readonly merge: (left: Collected, right: Collected) => Collected;
} = {
  create: () => ({ ids: [], sum: 0, last: {}, trapped: false }),
  add(collected, item) {
    collected.ids.push(item.id);
    springTrap(item, "add");
    const before = collected.last[item.from];
    if (before !== undefined && item.seq <= before)
      report(`A window took ${item.id}, number ${item.seq} of ${item.from}, after ${before}.`);
    collected.last[item.from] = item.seq;
    collected.sum += item.value;
    collected.trapped ||= item.trap === "result";
    return collected;
  },
  merge: (left, right) => ({
    ids: [...left.ids, ...right.ids],
    sum: left.sum + right.sum,
    last: Object.fromEntries(
      Object.keys({ ...left.last, ...right.last }).map((from) => [
        from,
        Math.max(left.last[from] ?? 0, right.last[from] ?? 0),
      ]),
    ),
    trapped: left.trapped || right.trapped,
  }),
  result: ({ ids, sum, trapped }) => ({ ids, n: ids.length, sum, trapped }),
};

/** Makes the result of a window, and reports where it fires too early. */
export function windowResult(
  { n, sum, ids, trapped }: Result,
  { key, window, watermarkMs, change }: WindowContext<string>,
): WindowResult {
  if (change !== "delete" && watermarkMs < window.endMs - 1)
    report(`The window of ${key} up to ${window.endMs} fired at the watermark ${watermarkMs}.`);
  if (trapped) throw new Error("A trap in result.");
  return { key, ...window, n, sum, ids };
}
