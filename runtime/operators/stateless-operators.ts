import type { ChangelogMode } from "../graph/change.ts";
import type { FilterNode, FlatMapNode, MapNode } from "../graph/node.ts";
import { synchronous, synchronousResults } from "../graph/synchronous.ts";
import { copyInPassing } from "../serde/copy-value.ts";
import { failIn, type OperatorOutput, type Push } from "./contract.ts";

// Each calls its function by itself: what is called for every element is compiled for what it is given.

/** What stands for an element that was replaced is what came of it: functions without state give the same for the same. */
export function mapPush(node: MapNode, { emit, forward }: OperatorOutput): Push {
  const { fn, uid, name } = node;
  const given = (value: unknown): unknown => {
    try {
      return synchronous<unknown>(fn(value), "map");
    } catch (thrown) {
      return failIn(uid ?? name, thrown);
    }
  };
  return (value, timestampMs, change, before) => {
    if (before !== undefined) {
      // The function may answer with one object each time.
      const mapped = copyInPassing(given(value));
      return emit(mapped, timestampMs, change, given(before));
    }
    const mapped = given(value);
    // Anything but what it was given the function may keep, or have from a table of its own.
    if (mapped === value) forward(mapped, timestampMs, change);
    else emit(mapped, timestampMs, change);
  };
}

/** A replacement that passes no more withdraws what it replaces; one that passes now, and didn't before, is new. */
export function filterPush(
  node: FilterNode,
  { forward }: OperatorOutput,
  gives: ChangelogMode,
): Push {
  const { fn, uid, name } = node;
  const keeps = (value: unknown): boolean => {
    try {
      return synchronous(fn(value), "filter");
    } catch (thrown) {
      return failIn(uid ?? name, thrown);
    }
  };
  if (gives !== "retract")
    // What has passed is not known: to withdraw what isn't there does no harm.
    return (value, timestampMs, change) => {
      if (change !== "delete" && keeps(value)) forward(value, timestampMs, change);
      else if (change !== "insert") forward(value, timestampMs, "delete");
    };
  return (value, timestampMs, change, before) => {
    const kept = before !== undefined && keeps(before);
    if (!keeps(value)) {
      if (kept) forward(before, timestampMs, "delete");
    } else if (kept) forward(value, timestampMs, change, before);
    else forward(value, timestampMs, change === "delete" ? change : "insert");
  };
}

/** How many results there are may differ from before: they are withdrawn and given anew. */
export function flatMapPush(node: FlatMapNode, { emit }: OperatorOutput): Push {
  const { fn, uid, name } = node;
  const results = (value: unknown): unknown[] => {
    try {
      return synchronousResults(fn(value), "flatMap");
    } catch (thrown) {
      return failIn(uid ?? name, thrown);
    }
  };
  return (value, timestampMs, change, before) => {
    if (before === undefined) {
      for (const result of results(value)) emit(result, timestampMs, change);
      return;
    }
    // The function may answer with the same objects each time.
    const withdrawn = copyInPassing(results(before));
    const given = results(value);
    for (const result of withdrawn) emit(result, timestampMs, "delete");
    for (const result of given) emit(result, timestampMs, "insert");
  };
}

/** Flink's toChangelogStream: every change is an element of its own. */
export function changelogPush({ forward }: OperatorOutput): Push {
  return (value, timestampMs, change, before) =>
    forward(
      change === "replace" ? { change, value, before } : { change, value },
      timestampMs,
      "insert",
    );
}
