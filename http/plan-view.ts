import { ownerOfStage, operatorName } from "../runtime/plan/operator-name.ts";
import { describeKey } from "../runtime/plan/explain.ts";
import {
  inputsOf,
  type OperatorInput,
  type Plan,
  type PlannedOperator,
  type Stage,
} from "../runtime/plan/plan.ts";
import type { KnownJob } from "./found-job.ts";
import type { PlannedEdge, PlannedOperatorView, PlanView, ViewDrawn } from "./schemas/plan.ts";

/** A plan as a graph: stages with their operators, and edges between operators. */
export function planView(known: KnownJob): PlanView {
  const { job, fingerprint, maxParallelism, sources, sinks, stages } = known.plan;
  return {
    job,
    fingerprint,
    maxParallelism,
    sources: sources.map(({ uid, type, stream, partitionField }) => ({
      uid,
      type,
      stream,
      ...(partitionField !== undefined && { partitionedBy: partitionField }),
    })),
    sinks: sinks.map(({ uid, type, target, keyFields = [], guarantee, view }) => ({
      uid,
      type,
      target,
      keyFields: [...keyFields],
      guarantee,
      ...(view !== undefined && { view: structuredClone(view) as ViewDrawn }),
    })),
    stages: stages.map((stage) => stageView(known, stage)),
    edges: stages.flatMap((stage) => edgesOf(known.plan, stage)),
  };
}

function stageView(known: KnownJob, stage: Stage): PlanView["stages"][number] {
  const { id, kind, keyedBy, operators } = stage;
  return {
    id,
    kind,
    owner: ownerOfStage(stage),
    ...(keyedBy !== undefined && { key: describeKey({ keyedBy }) }),
    operators: operators.map((operator) => operatorView(known, stage, operator)),
  };
}

export function operatorView(
  { definedAt = {} }: KnownJob,
  stage: Stage,
  operator: PlannedOperator,
): PlannedOperatorView {
  const { node, kind, uid, stateful, states = [], metrics, gives = "append" } = operator;
  const place = definedAt[String(node)];
  return {
    name: operatorName(stage, operator),
    kind,
    ...(uid !== undefined && { uid }),
    ...(place !== undefined && { definedAt: place }),
    stateful,
    states: states.map((state) => ({
      name: state.name,
      kind: state.kind,
      version: state.version,
    })),
    ...(metrics && { metrics: describedMetrics(metrics) }),
    gives,
  };
}

const describedMetrics = (metrics: NonNullable<PlannedOperator["metrics"]>) =>
  Object.fromEntries(
    Object.entries(metrics).map(([name, { kind, description }]) => [
      name,
      { kind, ...(description !== undefined && { description }) },
    ]),
  );

/** Calls within the stage, and what its operators send to others. */
function edgesOf(plan: Plan, stage: Stage): readonly PlannedEdge[] {
  const byNode = new Map(stage.operators.map((operator) => [operator.node, operator]));
  const chained = stage.operators.flatMap((operator) =>
    operator.inputs.flatMap(({ from, tag }) => {
      const before = from === "input" ? undefined : byNode.get(from);
      if (before === undefined) return [];
      return [edge(stage, before, { to: operatorName(stage, operator), route: "chain", tag })];
    }),
  );
  const sent = stage.operators.flatMap((operator) =>
    operator.sends.flatMap(({ stage: id, input = 0, tag }) => {
      const target = plan.stages.find((candidate) => candidate.id === id)!;
      const { route } = inputsOf(target)[input]!;
      return takersOf(target, input).map((taker) =>
        edge(stage, operator, { to: operatorName(target, taker), route, tag }),
      );
    }),
  );
  return [...chained, ...sent];
}

/** Operators of a stage that one of its inputs is for. */
const takersOf = ({ operators }: Stage, index: number): readonly PlannedOperator[] =>
  operators.filter(({ inputs }) => inputs.some((input) => isOf(input, index)));

const isOf = ({ from, input = 0 }: OperatorInput, index: number): boolean =>
  from === "input" && input === index;

function edge(
  stage: Stage,
  from: PlannedOperator,
  { to, route, tag }: Pick<PlannedEdge, "to" | "route"> & { readonly tag: string | undefined },
): PlannedEdge {
  return {
    from: operatorName(stage, from),
    to,
    route,
    changes: from.gives ?? "append",
    ...(tag !== undefined && { tag }),
  };
}
