import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Graph, Node } from "../graph/node.ts";
import { specOf } from "../operators/registry.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { Plan, PlannedState, Stage, StageKey } from "../plan/plan.ts";
import { nodeAt } from "../graph/node-at.ts";

/**
 * Hash of everything that state, frames and commits depend on: 16 hex digits. It changes with stages, keys, stateful
 * operators, their state and its versions, sources and sinks; not with stateless operators, lateness, start positions, names, nor with
 * the order in which things are defined.
 */
export function fingerprint(graph: Graph, plan: Omit<Plan, "fingerprint">): string {
  const identity = {
    format: plan.format,
    job: plan.job,
    maxParallelism: plan.maxParallelism,
    sources: plan.sources
      .map(({ uid, type, stream, partitionedBy }) => ({ uid, type, stream, partitionedBy }))
      .toSorted(by(({ uid }) => uid)),
    stages: plan.stages.map((stage) => stageIdentity(graph, stage)).toSorted(by(({ id }) => id)),
    sinks: plan.sinks
      .map(({ uid, type, target, keyFields }) => ({ uid, type, target, keyFields }))
      .toSorted(by(({ uid }) => uid)),
  };
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(identity)))).slice(0, 16);
}

function stageIdentity(
  graph: Graph,
  { id, kind, source, upstream, keyedBy, inputs, operators }: Stage,
) {
  return {
    id,
    kind,
    source,
    upstream: upstream.toSorted(),
    keyedBy: keyedBy && keyIdentity(keyedBy),
    // Absent where there is one: plans of jobs from before there were two stay the same.
    inputs: inputs?.map((input) => ({
      upstream: input.upstream.toSorted(),
      keyedBy: input.keyedBy && keyIdentity(input.keyedBy),
    })),
    operators: operators
      .filter(({ stateful, kind: operatorKind }) => stateful || operatorKind === "sink")
      .map(({ node, uid = "", states = [] }) => ({
        uid,
        ...stateIdentity(nodeAt(graph, node)),
        ...versionsOf(states),
      }))
      .toSorted(by(({ uid }) => uid)),
  };
}

function keyIdentity({ kind, fields, tuple, spread }: StageKey) {
  return { kind, fields, tuple, spread };
}

/** What an operator's state looks like, as far as data tells. */
function stateIdentity(node: Node) {
  return { kind: node.kind, ...specOf(node).identity?.(node) };
}

/** Versions of states, where they are not the first: what an older version wrote needs a restore. */
function versionsOf(states: readonly PlannedState[]) {
  const later = states.filter(({ version }) => version > 1);
  if (later.length === 0) return {};
  return { versions: Object.fromEntries(later.map(({ name, version }) => [name, version])) };
}

function by<T>(nameOf: (value: T) => string): (one: T, other: T) => number {
  return (one, other) => (nameOf(one) < nameOf(other) ? -1 : nameOf(one) > nameOf(other) ? 1 : 0);
}
