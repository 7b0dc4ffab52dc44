import type { ChangelogMode } from "../graph/change.ts";
import type { Edge, Graph } from "../graph/node.ts";
import { specOf } from "../operators/registry.ts";
import type { Changes } from "../operators/spec.ts";
import { changesNotTaken } from "./changelog-faults.ts";
import type { PlannedOperator, Stage, StageInput } from "../plan/plan.ts";
import { nodeAt } from "../graph/node-at.ts";

/**
 * Writes into each operator which changes it takes and gives. What changes is told from the sources down, and who needs the
 * value that is replaced from the sinks up: nobody pays for a before-image that is not needed (docs/changes.md).
 * @throws MillraceError `changes-not-taken` where an operator can't take what it is fed with
 */
export function withChangelog(graph: Graph, stages: readonly Stage[]): readonly Stage[] {
  const { modeOf, modeFrom } = inferChangelog(graph, keyedSinksOf(stages));
  const annotated = (operator: PlannedOperator): PlannedOperator => {
    const takes = weakest(nodeAt(graph, operator.node).inputs.map(modeOf));
    const gives = modeFrom(operator.node);
    return {
      ...operator,
      ...(takes !== "append" && { takes }),
      ...(gives !== "append" && { gives }),
    };
  };
  /** A stage of several inputs begins with the operator that takes them, in its order. */
  const withMode = ({ operators }: Stage) => {
    const edges = operators[0] === undefined ? [] : nodeAt(graph, operators[0].node).inputs;
    return (input: StageInput, at: number): StageInput => {
      const mode = edges[at] === undefined ? "append" : modeOf(edges[at]);
      return { ...input, ...(mode !== "append" && { mode }) };
    };
  };
  return stages.map((stage) => ({
    ...stage,
    ...(stage.inputs && { inputs: stage.inputs.map(withMode(stage)) }),
    operators: stage.operators.map(annotated),
  }));
}

const beforeUnknown =
  "Feed it with results that are only ever new, or keep what was given in state and take it back there";

/** Sinks behind an exchange on their own key: the row of a result may be another one than before. */
function keyedSinksOf(stages: readonly Stage[]): ReadonlySet<number> {
  const keys = stages.flatMap(({ keyedBy }) => (keyedBy?.kind === "sink" ? [keyedBy.node] : []));
  return new Set(keys);
}

/** What can be relied on of several inputs together. */
function weakest(modes: readonly ChangelogMode[]): ChangelogMode {
  if (modes.includes("upsert")) return "upsert";
  return modes.includes("retract") ? "retract" : "append";
}

function inferChangelog(graph: Graph, keyedSinks: ReadonlySet<number>) {
  const changes = new Map<number, Changes>();
  for (const node of graph.nodes) {
    const each = node.inputs.map((edge) => along(graph, changes, edge));
    const given = joined(each);
    const { changelog } = specOf(node);
    const mend = given && changelog.refuses?.(node, given, each);
    if (given !== undefined && mend !== undefined) throw changesNotTaken(node, given, mend);
    const emitted = changelog.gives(node, given);
    if (emitted !== undefined) changes.set(node.id, emitted);
  }
  const needed = new Set<number>();
  for (const node of graph.nodes.toReversed()) {
    if (specOf(node).changelog.givesBefore?.(node) === true) needed.add(node.id);
    const own = { isNeeded: needed.has(node.id), isKeyedSink: keyedSinks.has(node.id) };
    for (const [input, edge] of node.inputs.entries()) {
      const given = along(graph, changes, edge);
      const need = { ...own, isKnown: given?.hasNoBefore !== true };
      if (!specOf(node).changelog.needsBefore(node, need, input)) continue;
      if (need.isKnown) markNeeded(graph, needed, edge);
      // A row is told by its own key: where that moves it is another one.
      else if (given !== undefined && !need.isKeyedSink)
        throw changesNotTaken(node, given, beforeUnknown);
    }
  }
  const modeFrom = (node: number): ChangelogMode => {
    if (!changes.has(node)) return "append";
    return needed.has(node) ? "retract" : "upsert";
  };
  return {
    modeFrom,
    modeOf: (edge: Edge): ChangelogMode => {
      const origin = originOf(graph, edge);
      return origin === undefined ? "append" : modeFrom(origin);
    },
  };
}

/** The node whose main output an edge's changes are: the late side output of a window or a join passes its input on. */
function originOf(graph: Graph, { from, tag }: Edge): number | undefined {
  const node = nodeAt(graph, from);
  if (tag === undefined) return from;
  const { passInput = false, inputOf } = specOf(node).sideOutputs ?? {};
  const input = node.inputs[inputOf?.(node, tag) ?? 0];
  return passInput && input !== undefined ? originOf(graph, input) : undefined;
}

function along(
  graph: Graph,
  changes: ReadonlyMap<number, Changes>,
  edge: Edge,
): Changes | undefined {
  const origin = originOf(graph, edge);
  return origin === undefined ? undefined : changes.get(origin);
}

function markNeeded(graph: Graph, needed: Set<number>, edge: Edge): void {
  const origin = originOf(graph, edge);
  if (origin !== undefined) needed.add(origin);
}

/** Of several inputs the one whose changes are the harder to take. */
function joined(given: readonly (Changes | undefined)[]): Changes | undefined {
  const changing = given.filter((changes) => changes !== undefined);
  return changing.find(({ isTimeStable }) => !isTimeStable) ?? changing[0];
}
