import { jobError } from "../runtime/errors/millrace-error.ts";
import type { Change } from "../runtime/graph/change.ts";
import type { KeyValue } from "../runtime/graph/key-value.ts";
import type { AnyResource, GetResource } from "../runtime/graph/resource.ts";
import { compileStage } from "../runtime/operators/compile-stage.ts";
import type { CallAnswer, Consumer, OperatorMetrics, Push } from "../runtime/operators/contract.ts";
import { Subtask } from "../runtime/operators/subtask.ts";
import { operatorName } from "../runtime/plan/operator-name.ts";
import { inputsOf, type OperatorSend, type Stage } from "../runtime/plan/plan.ts";
import { copyValue } from "../runtime/serde/copy-value.ts";
import { groupOfKey } from "../runtime/serde/hash-space.ts";
import { keyedPush } from "../runtime/slot/program/keyed-push.ts";
import { keySelector } from "../runtime/slot/program/key-selector.ts";
import { type HarnessJob, outputUid } from "./harness-job.ts";

/** An element that has come out. */
export interface HarnessOutput<T> {
  readonly value: T;
  /** Event time in ms. */
  readonly timestampMs: number;
  /** "replace" and "delete" are of an earlier result (docs/changes.md). */
  readonly change: Change;
}

export interface HarnessStages {
  /** By uid of its source: takes the elements of an input. */
  readonly inputs: ReadonlyMap<string, Push>;
  /** By id of the keyed stage, in topological order: a subtask for each part of the keys. */
  readonly subtasks: ReadonlyMap<string, readonly Subtask[]>;
  /** By name of the output; whoever takes them empties the list. */
  readonly outputs: ReadonlyMap<string, HarnessOutput<unknown>[]>;
  /** By uid or name of the operator. */
  readonly metrics: ReadonlyMap<string, OperatorMetrics>;
  /** Which subtask owns the keys of a group. */
  ownerOf(group: number): number;
}

export interface HarnessSetting {
  /** Keys are spread over so many subtasks. */
  readonly parallelism: number;
  /** What calls answer, by the uid of their operator. */
  readonly calls: Readonly<Record<string, (value: never) => unknown>>;
  readonly resources: HarnessResources;
}

/** The stages of a job in memory: what one sends is at once with the subtask that owns its key, as what it is on the wire. */
export function harnessStages(
  { graph, plan, outputs }: HarnessJob,
  { parallelism, calls, resources }: HarnessSetting,
): HarnessStages {
  const { maxParallelism, stages } = plan;
  const groupOf = (key: KeyValue): number => groupOfKey(key, maxParallelism);
  const ownerOf = (group: number): number => Math.floor((group * parallelism) / maxParallelism);
  const results = new Map(outputs.map((name): [string, HarnessOutput<unknown>[]] => [name, []]));
  const byUid = new Map(outputs.map((name) => [outputUid(name), results.get(name)]));
  const metrics = new Map<string, OperatorMetrics>();
  const subtasks = new Map<string, readonly Subtask[]>();
  const inputs = new Map<string, Push>();

  function send({ stage: target, input = 0 }: OperatorSend): Consumer {
    const stage = stages.find(({ id }) => id === target) as Stage;
    const own = subtasks.get(target) ?? [];
    const about = `What is sent to "${target}"`;
    const keyedBy = inputsOf(stage)[input]?.keyedBy;
    if (keyedBy === undefined) {
      const push: Push = (value, timestampMs, change, before) => {
        for (const subtask of own) {
          const copies = [copyValue(value, about), copyValue(before, about)];
          subtask.takeBroadcast(copies[0], timestampMs, change, copies[1], input);
        }
      };
      return { push, copies: true };
    }
    const push = keyedPush(
      keySelector({ graph }, stage, keyedBy),
      (key, value, timestampMs, change, before) => {
        const copies = [copyValue(value, about), copyValue(before, about)];
        const subtask = own[ownerOf(groupOf(key))] as Subtask;
        subtask.take(key, copies[0], timestampMs, change, copies[1], input);
      },
    );
    return { push, copies: true };
  }

  function compile(stage: Stage, subtask: Subtask | undefined): readonly Push[] {
    return compileStage({
      graph,
      stage,
      subtask,
      outlets: {
        send,
        sink:
          ({ uid = "" }) =>
          (value, timestampMs, change) =>
            void byUid.get(uid)?.push({ value, timestampMs, change }),
        job: { name: graph.job, slot: "harness", maxParallelism },
        resource: givenResource(resources),
        metrics: (operator) => counters(metrics, operatorName(stage, operator)),
        call: ({ node, value }) => answerOf(calls[node.uid], node.uid, value),
      },
    });
  }

  // What a stage sends to comes behind it: compiled from the end, it is there.
  for (const stage of stages.toReversed()) {
    if (stage.kind === "source") {
      inputs.set(stage.id, compile(stage, undefined)[0] as Push);
      continue;
    }
    const own = Array.from({ length: parallelism }, () => new Subtask(stage, groupOf));
    for (const subtask of own) subtask.inputs = compile(stage, subtask);
    subtasks.set(stage.id, own);
  }
  return { inputs, subtasks, outputs: results, metrics, ownerOf };
}

/** Of an operator: its subtasks count together. */
function counters(metrics: Map<string, OperatorMetrics>, name: string): OperatorMetrics {
  const operator = name.slice(name.indexOf("/") + 1);
  let found = metrics.get(operator);
  if (found === undefined) metrics.set(operator, (found = { received: 0, late: 0 }));
  return found;
}

/** What its functions use, by the object that `resource` gave: a harness opens nothing. */
export type HarnessResources = ReadonlyMap<AnyResource, unknown>;

const givenResource =
  (resources: HarnessResources): GetResource =>
  (resource) => {
    if (resources.has(resource)) return resources.get(resource) as never;
    throw jobError("harness-invalid", {
      message: "A function uses a resource that the harness was not given: it opens none itself.",
      next: "Give it what stands for it: harness(build, { resources: new Map([[db, fake]]) }).",
    });
  };

function answerOf(
  call: HarnessSetting["calls"][string] | undefined,
  uid: string,
  value: unknown,
): CallAnswer {
  if (call === undefined) throw waitsForNothing(uid);
  try {
    return { value: call(value as never) };
  } catch (error) {
    return { error };
  }
}

function waitsForNothing(uid: string): Error {
  return jobError("harness-invalid", {
    uid,
    message: `The harness goes step by step, and mapAsync "${uid}" would have to be waited for.`,
    next: `Say what it answers, harness(…, { calls: { ${JSON.stringify(uid)}: (value) => … } }), or run the whole job with runJob.`,
  });
}
