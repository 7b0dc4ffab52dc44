import type { MetricDeclarations } from "../graph/metric-declarations.ts";
import type { Node, NodeKinds } from "../graph/node.ts";
import type { AnyResource } from "../graph/resource.ts";
import { windowJoin } from "../windows/joins/window-join-spec.ts";
import { window } from "../windows/window-spec.ts";
import { mapAsync } from "./kinds/map-async.ts";
import { coProcess, process } from "./kinds/process.ts";
import { intervalJoin } from "./kinds/interval-join.ts";
import { multiJoin } from "./kinds/multi-join.ts";
import { pattern } from "./kinds/pattern.ts";
import { broadcastProcess } from "./kinds/broadcast-process.ts";
import { reduce } from "./kinds/reduce.ts";
import { keyBy, union } from "./kinds/routes.ts";
import { sink } from "./kinds/sink.ts";
import { source } from "./kinds/source.ts";
import { temporalJoin } from "./kinds/temporal-join.ts";
import { changelog, filter, flatMap, map } from "./kinds/stateless.ts";
import type { OperatorSpec, OperatorState } from "./spec.ts";

/** Every kind of operator. A kind without a spec does not compile. */
const specs: { readonly [Kind in keyof NodeKinds]: OperatorSpec<NodeKinds[Kind]> } = {
  source,
  map,
  filter,
  flatMap,
  changelog,
  keyBy,
  union,
  process,
  coProcess,
  broadcastProcess,
  intervalJoin,
  windowJoin,
  temporalJoin,
  multiJoin,
  pattern,
  mapAsync,
  reduce,
  window,
  sink,
};

export function specOf<N extends Node>(node: N): OperatorSpec<N> {
  return specs[node.kind] as unknown as OperatorSpec<N>;
}

/** What an operator keeps for each key, in the order of the names; nothing for an operator without state. */
export function statesOf(node: Node): readonly OperatorState[] {
  return specOf(node).states?.(node) ?? [];
}

/** What its functions count and measure, by name. */
export function metricsOf(node: Node): MetricDeclarations {
  return specOf(node).metrics?.(node) ?? {};
}

/** What its functions use that each process opens once. */
export function resourcesOf(node: Node): readonly AnyResource[] {
  return specOf(node).resources?.(node) ?? [];
}

/** Whether several streams of an operator's own feed it, each by a function of its own. */
export function takesSeveral(node: Node): boolean {
  const { inputs } = specOf(node);
  return inputs === "two" || inputs === "many" || inputs === "one and broadcast";
}

/** Whether an operator keeps state per key. */
export function isStateful(node: Node): boolean {
  return specOf(node).states !== undefined;
}
