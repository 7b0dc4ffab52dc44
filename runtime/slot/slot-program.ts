import type { Change } from "../graph/change.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { KeyByNode, SinkNode, SourceNode } from "../graph/node.ts";
import type { SinkWrite } from "../graph/connectors.ts";
import { OutgoingBlocks } from "../exchange/outgoing-blocks.ts";
import { compileStage, type StageOutlets } from "../operators/compile-stage.ts";
import { failIn, type OperatorMetrics, type Push } from "../operators/contract.ts";
import { Subtask } from "../operators/subtask.ts";
import type { PlannedOperator, Stage } from "../plan/plan.ts";
import { groupOfKeyBytes, groupOfPosition, positionOfPartitionKey } from "../serde/hash-space.ts";
import { keyBytes, keyIdentity } from "../serde/key-bytes.ts";
import type { DeadLetter } from "./dead-letter.ts";
import { type JobRuntime, sourceNodeOf } from "./job-runtime.ts";
import type { SlotRef } from "./slot-ref.ts";

/** What a step leaves behind besides state: collected here, persisted with the commit, delivered after it. */
export interface StepEffects {
  readonly blocks: OutgoingBlocks;
  /** By uid of the sink, in the order in which they were made. */
  readonly writes: Map<string, SinkWrite[]>;
  readonly deadLetters: DeadLetter[];
}

/** The stages of one slot, compiled. One program serves one cached image: its subtasks hold the state. */
export interface SlotProgram {
  readonly job: string;
  readonly slot: string;
  readonly subtasks: ReadonlyMap<string, Subtask>;
  /** Of a source slot only. */
  source: SourceProgram | undefined;
  readonly metrics: ReadonlyMap<string, OperatorMetrics>;
  /** By which key an element of an exchange stage is fed. */
  readonly keyOf: ReadonlyMap<string, (value: unknown) => KeyValue>;
  effects: StepEffects;
  /** Partition key of the source record in hand: what the keys of aligned stages must equal. */
  partitionKey: string;
  /** Whether an element for a group stays in the slot (protocol 4.4); set for every step. */
  staysHere: (group: number) => boolean;
}

export interface SourceProgram {
  readonly node: SourceNode;
  readonly push: Push;
  /** Keyed stages of the same slot follow the source's watermark element by element. */
  readonly aligned: readonly Subtask[];
}

export function newEffects(): StepEffects {
  return { blocks: new OutgoingBlocks(), writes: new Map(), deadLetters: [] };
}

export function createProgram(job: JobRuntime, slot: SlotRef): SlotProgram {
  const { plan, graph } = job;
  const stages = stagesOfSlot(job, slot);
  const subtasks = new Map<string, Subtask>();
  const metrics = new Map<string, OperatorMetrics>();
  const keyOf = new Map<string, (value: unknown) => KeyValue>();
  for (const stage of plan.stages)
    if (stage.keyedBy !== undefined) keyOf.set(stage.id, keySelector(job, stage));
  for (const stage of stages) {
    if (stage.kind !== "source")
      subtasks.set(stage.id, new Subtask(stage, locatorOf(stage, plan.maxParallelism)));
  }
  const program: SlotProgram = {
    job: plan.job,
    slot: slot.name,
    subtasks,
    source: undefined,
    metrics,
    keyOf,
    effects: newEffects(),
    partitionKey: "",
    staysHere: () => false,
  };
  const outlets = outletsOf(job, program, metrics);
  for (const stage of stages.toReversed()) {
    const subtask = subtasks.get(stage.id);
    const push = compileStage({ graph, stage, subtask, outlets: outlets(stage) });
    if (subtask !== undefined) subtask.input = push;
    else if (slot.source !== undefined) {
      program.source = {
        node: sourceNodeOf(job, slot.source),
        push,
        aligned: [...subtasks.values()],
      };
    }
  }
  return program;
}

export function stagesOfSlot(
  job: Pick<JobRuntime, "plan">,
  slot: Pick<SlotRef, "source">,
): readonly Stage[] {
  return job.plan.stages.filter((stage) =>
    slot.source === undefined
      ? stage.kind === "exchange"
      : stage.kind !== "exchange" && stage.source === slot.source,
  );
}

function outletsOf(job: JobRuntime, program: SlotProgram, metrics: Map<string, OperatorMetrics>) {
  return (stage: Stage): StageOutlets => ({
    send: (target) => sendTo(job, program, target),
    sink: (node, subtask) => sinkPush(node, { program, subtask, stage }),
    metrics: (operator) => metricsOf(metrics, operatorName(stage, operator)),
  });
}

/** How an operator is named in counters and on the terminal. */
export function operatorName(stage: Stage, operator: PlannedOperator): string {
  return `${stage.id}/${operator.uid ?? `${operator.name}-${operator.node}`}`;
}

function metricsOf(metrics: Map<string, OperatorMetrics>, name: string): OperatorMetrics {
  let found = metrics.get(name);
  if (found === undefined) metrics.set(name, (found = { received: 0, late: 0 }));
  return found;
}

function sendTo(job: JobRuntime, program: SlotProgram, target: string): Push {
  const select = program.keyOf.get(target) as (value: unknown) => KeyValue;
  const own = program.subtasks.get(target);
  if (own?.stage.kind === "aligned") {
    return (value, timestampMs, change) => {
      const key = select(value);
      if (String(key) !== program.partitionKey) misaligned(target, key, program.partitionKey);
      own.take(key, value, timestampMs, change);
    };
  }
  const groupOf = groupCache(job.plan.maxParallelism);
  return (value, timestampMs, change) => {
    const key = select(value);
    const group = groupOf(key);
    if (own !== undefined && program.staysHere(group)) own.take(key, value, timestampMs, change);
    else program.effects.blocks.add(target, group, { value, timestampMs, change });
  };
}

function misaligned(stage: string, key: KeyValue, partitionKey: string): never {
  return failIn(
    stage,
    new Error(
      `The source declares partitionedBy, but an element with key ${JSON.stringify(String(key))} came in a record with ` +
        `partition key ${JSON.stringify(partitionKey)}. Put records under that key, or leave partitionedBy out.`,
    ),
  );
}

/** Groups are remembered for this many keys; then the memory starts anew. */
const groupCacheMax = 50_000;

function groupCache(groupCount: number): (key: KeyValue) => number {
  const groups = new Map<unknown, number>();
  return (key) => {
    const identity = keyIdentity(key);
    const known = groups.get(identity);
    if (known !== undefined) return known;
    if (groups.size >= groupCacheMax) groups.clear();
    const group = groupOfKeyBytes(keyBytes(key), groupCount);
    groups.set(identity, group);
    return group;
  };
}

function locatorOf(stage: Stage, groupCount: number): (key: KeyValue) => number {
  if (stage.kind === "aligned")
    return (key) => groupOfPosition(positionOfPartitionKey(String(key)), groupCount);
  return (key) => groupOfKeyBytes(keyBytes(key), groupCount);
}

function keySelector(job: JobRuntime, stage: Stage): (value: unknown) => KeyValue {
  const { node, kind, fields } = stage.keyedBy as NonNullable<Stage["keyedBy"]>;
  if (kind === "sink") {
    const { sink, uid } = job.graph.nodes[node] as SinkNode;
    return (value) => {
      try {
        return (fields ?? []).map((field) => keyField(sink.encode(value, "insert"), field, uid));
      } catch (thrown) {
        return failIn(uid ?? "sink", thrown);
      }
    };
  }
  const keyBy = job.graph.nodes[node] as KeyByNode;
  return (value) => {
    try {
      return keyBy.select(value);
    } catch (thrown) {
      return failIn(keyBy.name, thrown);
    }
  };
}

function keyField(write: SinkWrite, field: string, uid: string | undefined): KeyValue {
  const value = write.kind === "append" ? undefined : write.key[field];
  return value ?? failIn(uid ?? "sink", new Error(`The row has no key attribute "${field}".`));
}

interface SinkPlace {
  readonly program: SlotProgram;
  readonly subtask: Subtask | undefined;
  readonly stage: Stage;
}

function sinkPush(node: SinkNode, { program, subtask, stage }: SinkPlace): Push {
  const uid = node.uid ?? node.name;
  const fields =
    stage.keyedBy?.kind === "keyBy" && node.sink.keyFields !== undefined
      ? stage.keyedBy.fields
      : undefined;
  return (value, _timestampMs, change: Change) => {
    let write: SinkWrite;
    try {
      write = node.sink.encode(value, change);
      if (fields !== undefined && subtask !== undefined) checkOwnership(write, fields, subtask);
    } catch (thrown) {
      failIn(uid, thrown);
    }
    const writes = program.effects.writes.get(uid);
    if (writes === undefined) program.effects.writes.set(uid, [write]);
    else writes.push(write);
  };
}

/** protocol 3.8: a row is written only by the slot that owns its key, so the row's key must hold the stage's key. */
function checkOwnership(write: SinkWrite, fields: readonly string[], subtask: Subtask): void {
  if (write.kind === "append") return;
  const { key } = subtask.current;
  for (const [at, field] of fields.entries()) {
    const expected = Array.isArray(key) ? (key as readonly KeyValue[])[at] : key;
    if (write.key[field] === expected) continue;
    throw new Error(
      `The row's "${field}" is ${JSON.stringify(write.key[field])}, but the element is keyed by ${JSON.stringify(expected)}. ` +
        `A row must carry the key under the name of the field that keyBy took; give the field another name, or key by what the row holds.`,
    );
  }
}
