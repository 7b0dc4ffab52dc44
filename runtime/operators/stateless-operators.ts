import type { FilterNode, FlatMapNode, MapNode } from "../graph/node.ts";
import { failIn, type Push } from "./contract.ts";

export function mapPush(node: MapNode, emit: Push): Push {
  const { fn } = node;
  const name = node.uid ?? node.name;
  return (value, timestampMs, change) => {
    let mapped: unknown;
    try {
      mapped = fn(value);
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
      keeps = fn(value);
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
      results = [...fn(value)];
    } catch (thrown) {
      failIn(name, thrown);
    }
    for (const result of results) emit(result, timestampMs, change);
  };
}
