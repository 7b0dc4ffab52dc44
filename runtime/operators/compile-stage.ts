import { jobError } from "../errors/millrace-error.ts";
import type { Graph, Node } from "../graph/node.ts";
import type { GetResource, JobContext } from "../graph/resource.ts";
import { nodeAt } from "../graph/node-at.ts";
import {
  inputsOf,
  type OperatorInput,
  type OperatorSend,
  type PlannedOperator,
  type Stage,
} from "../plan/plan.ts";
import { operatorName } from "../plan/operator-name.ts";
import { isFresh } from "./kinds/source.ts";
import { isStateful, resourcesOf, specOf } from "./registry.ts";
import type { NodeParts } from "./spec.ts";
import { copyInPassing, copyValue } from "../serde/copy-value.ts";
import {
  type Consumer,
  failIn,
  type OperatorMetrics,
  type OperatorOutput,
  passOn,
  type Push,
} from "./contract.ts";
import type { Subtask } from "./subtask.ts";

/** Where a compiled stage's results leave it. */
export interface StageOutlets {
  /** Takes what is sent to another stage; `isFresh` where it was just parsed, and is nobody else's. */
  send(to: OperatorSend, isFresh: boolean): Consumer;
  /** Takes what a sink of the stage writes. */
  sink(node: Node & { kind: "sink" }, subtask: Subtask | undefined): Push;
  metrics(operator: PlannedOperator): OperatorMetrics;
  readonly job: JobContext;
  /** Gives what was opened for the slot's operators. */
  readonly resource: GetResource;
  /** Answers calls of the stage's operators. */
  readonly call: NodeParts["call"];
}

export interface StageToCompile {
  readonly graph: Graph;
  readonly stage: Stage;
  /** The subtask of a keyed stage; a source stage has no keyed state. */
  readonly subtask: Subtask | undefined;
  readonly outlets: StageOutlets;
}

/** Compiles a stage into one synchronous function over an element for each of its inputs, from its sinks upwards. */
export function compileStage({ graph, stage, subtask, outlets }: StageToCompile): readonly Push[] {
  /** By node, and by its inputs where it has two. */
  const pushesOf = new Map<number, readonly Push[]>();
  /** Nodes that may be given what others have as well, and so may all behind them. */
  const readers = new Set<number>();

  function consumersOf(isFed: (input: OperatorInput) => boolean): Consumer[] {
    const consumers: Consumer[] = [];
    for (const { node, inputs } of stage.operators) {
      if (!inputs.some(isFed)) continue;
      const copies = readers.has(node);
      const pushes = pushesOf.get(node) ?? [];
      // An operator with one function takes all of its inputs by it, and each element once.
      const fed = inputs.flatMap((input, at) =>
        isFed(input) ? (pushes[at] ?? pushes[0] ?? []) : [],
      );
      for (const push of new Set(fed)) consumers.push({ push, copies });
    }
    return consumers;
  }

  function targetsOf(operator: PlannedOperator, tag?: string): Consumer[] {
    const node = nodeAt(graph, operator.node);
    const sends = operator.sends
      .filter((send) => send.tag === tag)
      .map((send) => outlets.send(send, node.kind === "source" && isFresh(node)));
    const own = consumersOf((input) => input.from === operator.node && input.tag === tag);
    return [...own, ...sends];
  }

  function outputOf(operator: PlannedOperator, targets: readonly Consumer[]): OperatorOutput {
    const copy = copyOf(nodeAt(graph, operator.node));
    const copied = (some: readonly Consumer[]): Push =>
      fanOut(some.map((consumer) => copying(consumer, copy)));
    return {
      emit: copied(targets),
      forward: forwardTo(targets, copy),
      side: (tag) => copied(targetsOf(operator, tag)),
    };
  }

  for (const operator of stage.operators.toReversed()) {
    const node = nodeAt(graph, operator.node);
    const { create, onlyReads } = specOf(node);
    if (create === undefined) throw new Error(`A ${node.kind} is no operator of a stage.`);
    const metrics = outlets.metrics(operator);
    const { takes = "append", gives = "append" } = operator;
    const name = operatorName(stage, operator);
    const targets = targetsOf(operator);
    if (onlyReads?.(node) === true && targets.every(({ copies }) => copies))
      readers.add(operator.node);
    const output = outputOf(operator, targets);
    const sink: NodeParts["sink"] = (sinkNode) => outlets.sink(sinkNode, subtask);
    const { call, job } = outlets;
    const resource = declaredOnly(node, outlets.resource);
    const parts = { name, output, metrics, takes, gives, subtask, sink, call, job, resource };
    const made = create(node, parts);
    const pushes = typeof made === "function" ? [made] : made;
    pushesOf.set(
      operator.node,
      pushes.map((push) => counted(push, parts)),
    );
  }
  // A source stage is fed with its records, and with nothing else.
  return Array.from({ length: Math.max(1, inputsOf(stage).length) }, (_, at) =>
    forwardTo(
      consumersOf(({ from, input = 0 }) => from === "input" && input === at),
      copyInPassing,
    ),
  );
}

/** Counts what an operator is given; what fails inside of it leaves with its name, the element and the key. */
function counted(push: Push, { name, metrics, subtask }: NodeParts): Push {
  return (value, timestampMs, change, before) => {
    metrics.received += 1;
    try {
      push(value, timestampMs, change, before);
    } catch (thrown) {
      const key = subtask?.currentKey;
      const keyed = key === undefined ? {} : { key };
      passOn(thrown, { operator: name, element: { value }, ...keyed });
    }
  };
}

/** Another operator's would be open in some slots, and in others not. */
function declaredOnly(node: Node, get: GetResource): GetResource {
  const declared = resourcesOf(node);
  return (resource) => {
    if (declared.includes(resource)) return get(resource);
    const operator = node.uid ?? node.name;
    throw jobError("resource-undeclared", {
      uid: operator,
      message: `A function of "${operator}" asks for a resource that the operator does not name.`,
      next: "Write resources: [db] into its definition, with the very object that resource() gave.",
    });
  };
}

type Copy = (value: unknown) => unknown;

/**
 * How the results of a node become their consumers' own. What a keyed operator emits is plain data, so that it does not matter where
 * its consumers run.
 */
function copyOf(node: Node): Copy {
  if (!isStateful(node)) return copyInPassing;
  const operator = node.uid ?? node.name;
  const about = `What "${operator}" emits`;
  return (value) => {
    try {
      return copyValue(value, about);
    } catch (thrown) {
      return failIn(operator, thrown);
    }
  };
}

function copying({ push, copies }: Consumer, copy: Copy): Push {
  if (copies) return push;
  return (value, timestampMs, change, before) => {
    if (before === undefined) push(copy(value), timestampMs, change);
    else push(copy(value), timestampMs, change, copy(before));
  };
}

/** All but the last consumer get copies. */
function forwardTo(consumers: readonly Consumer[], copy: Copy): Push {
  const pushes = consumers.map((consumer, at) =>
    at === consumers.length - 1 ? consumer.push : copying(consumer, copy),
  );
  return fanOut(pushes);
}

function fanOut(pushes: readonly Push[]): Push {
  const [first, second] = pushes;
  if (first === undefined) return () => undefined;
  if (second === undefined) return first;
  return (value, timestampMs, change, before) => {
    for (const push of pushes) push(value, timestampMs, change, before);
  };
}
