import type { FilterNode, FlatMapNode, MapNode } from "../graph/node.ts";
import { synchronous, synchronousResults } from "../graph/synchronous.ts";
import { failIn, type Push } from "./contract.ts";

export function mapPush(node: MapNode, emit: Push): Push {
  const { fn } = node;
  const name = node.uid ?? node.name;
  return (value, timestampMs, change) => {
    let mapped: unknown;
    try {
      mapped = synchronous(fn(value), "map");
    } catch (thrown) {
      failIn(name, thrown);
    }
    emit(mapped, timestampMs, change);
  };
}

export function filterPush(node: FilterNode, emit: Push): Push {
  const { fn } = node;
  const name = node.uid ?? node.name;
  return (value, timestampMs, change) => {
    let keeps = false;
    try {
      keeps = synchronous(fn(value), "filter");
    } catch (thrown) {
      failIn(name, thrown);
    }
    if (keeps) emit(value, timestampMs, change);
  };
}

export function flatMapPush(node: FlatMapNode, emit: Push): Push {
  const { fn } = node;
  const name = node.uid ?? node.name;
  return (value, timestampMs, change) => {
    let results: unknown[] = [];
    try {
      results = synchronousResults(fn(value), "flatMap");
    } catch (thrown) {
      failIn(name, thrown);
    }
    for (const result of results) emit(result, timestampMs, change);
  };
}
