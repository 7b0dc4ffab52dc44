import { valueText } from "../../errors/value-text.ts";
import type { Change } from "../../graph/change.ts";
import type { KeyValue } from "../../graph/key-value.ts";
import type { SinkNode, SourceNode } from "../../graph/node.ts";
import type { SinkWrite } from "../../graph/connectors.ts";
import { type Destination, OutgoingBlocks } from "../../exchange/outgoing-blocks.ts";
import { compileStage, type StageOutlets } from "../../operators/compile-stage.ts";
import {
  type Consumer,
  failIn,
  type OperatorMetrics,
  type Push,
} from "../../operators/contract.ts";
import { Subtask } from "../../operators/subtask.ts";
import { type OperatorPlace, operatorPlace } from "../../job/operator-place.ts";
import { operatorName } from "../../plan/operator-name.ts";
import { inputsOf, type OperatorSend, type Stage } from "../../plan/plan.ts";
import { copyValue } from "../../serde/copy-value.ts";
import {
  covers,
  groupOfKey,
  groupOfPosition,
  type HashRange,
  positionOfPartitionKey,
  rangeContains,
} from "../../serde/hash-space.ts";
import type { KeyRecord } from "../../state/key-record.ts";
import type { DeadLetter } from "../../job/dead-letter.ts";
import { resourceGetter } from "../../job/resources.ts";
import { type JobRuntime, sourceNodeOf } from "../../job/job-runtime.ts";
import { keyedPush } from "./keyed-push.ts";
import { CallBook } from "./call-book.ts";
import { type KeySelector, keySelector } from "./key-selector.ts";
import type { SlotRef } from "../../job/slot-ref.ts";
import { stagesOfSlot } from "../../job/stages-of-slot.ts";

/** What a step leaves behind besides state: collected here, persisted with the commit, delivered after it. */
export interface StepEffects {
  readonly blocks: OutgoingBlocks;
  /** By uid of the sink, in the order in which they were made. */
  readonly writes: Map<string, SinkWrite[]>;
  /** Of all sinks. */
  writeCount: number;
  /** Characters of lines among them. */
  lineLength: number;
  readonly deadLetters: DeadLetter[];
  /** How many of these there are, by identity of the operator that failed. */
  readonly deadLettersByOperator: Map<string, number>;
}

/** The stages of one slot, compiled. One program serves one cached image: its subtasks hold the state. */
export interface SlotProgram {
  readonly job: string;
  readonly slot: string;
  readonly subtasks: ReadonlyMap<string, Subtask>;
  /** Of a source slot only. */
  source: SourceProgram | undefined;
  readonly metrics: ReadonlyMap<string, OperatorMetrics>;
  /** By which key an element of an exchange stage is fed; undefined for a broadcast input. */
  readonly keyOf: ReadonlyMap<string, readonly (KeySelector | undefined)[]>;
  effects: StepEffects;
  /** What its operators wait for. */
  readonly calls: CallBook;
  /** The operator of an identity as dead letters name it. */
  readonly placeOf: (identity: string) => OperatorPlace | undefined;
  /** Partition key of the source record in hand: what the keys of aligned stages must equal. */
  partitionKey: string;
  /** Whether an element for a group stays in the slot (protocol 4.4); set for every step. */
  staysHere: (group: number) => boolean;
}

export interface SourceProgram {
  readonly node: SourceNode;
  /** Identity of the source's operator. */
  readonly operator: string;
  readonly push: Push;
  /** Keyed stages of the same slot follow the source's watermark element by element. */
  readonly aligned: readonly Subtask[];
  /** Whether Kinesis puts a partition key that comes without a hash key of its own into a range: that of the slot's shard. */
  readonly isPutInto: (range: HashRange, partitionKey: string) => boolean;
}

/** None yet; those of the step before are not added to any more. */
export function newEffects(before?: StepEffects): StepEffects {
  return {
    blocks: new OutgoingBlocks(before?.blocks),
    writes: new Map(),
    writeCount: 0,
    lineLength: 0,
    deadLetters: [],
    deadLettersByOperator: new Map(),
  };
}

export function createProgram(job: JobRuntime, slot: SlotRef): SlotProgram {
  const { plan, graph } = job;
  const stages = stagesOfSlot(job, slot);
  const subtasks = new Map<string, Subtask>();
  const metrics = new Map<string, OperatorMetrics>();
  const keyOf = new Map<string, readonly (KeySelector | undefined)[]>();
  for (const stage of plan.stages)
    keyOf.set(
      stage.id,
      inputsOf(stage).map(({ keyedBy }) => keyedBy && keySelector(job, stage, keyedBy)),
    );
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
    calls: new CallBook(),
    placeOf: (identity) => operatorPlace(graph, identity),
    partitionKey: "",
    staysHere: () => false,
  };
  const outlets = outletsOf(job, program, metrics);
  for (const stage of stages.toReversed()) {
    const subtask = subtasks.get(stage.id);
    const inputs = compileStage({ graph, stage, subtask, outlets: outlets(stage) });
    if (subtask !== undefined) subtask.inputs = inputs;
    else if (slot.source !== undefined) {
      program.source = {
        node: sourceNodeOf(job, slot.source),
        operator: `${stage.id}/${slot.source}`,
        push: inputs[0] as Push,
        aligned: [...subtasks.values()],
        isPutInto: placementCache(),
      };
    }
  }
  return program;
}

function outletsOf(job: JobRuntime, program: SlotProgram, metrics: Map<string, OperatorMetrics>) {
  return (stage: Stage): StageOutlets => ({
    send: (to, isFresh) => sendTo(job, { program, to, isFresh }),
    sink: (node, subtask) => sinkPush(node, { program, subtask, stage }),
    job: { name: program.job, slot: program.slot, maxParallelism: job.plan.maxParallelism },
    resource: resourceGetter(job),
    call: (asked) => program.calls.answer(asked),
    metrics: (operator) => metricsOf(metrics, operatorName(stage, operator)),
  });
}

function metricsOf(metrics: Map<string, OperatorMetrics>, name: string): OperatorMetrics {
  let found = metrics.get(name);
  if (found === undefined) metrics.set(name, (found = { received: 0, late: 0 }));
  return found;
}

interface Sending {
  readonly program: SlotProgram;
  readonly to: OperatorSend;
  readonly isFresh: boolean;
}

function sendTo(job: JobRuntime, { program, to, isFresh }: Sending): Consumer {
  const { stage: target, input = 0 } = to;
  const selector = program.keyOf.get(target)?.[input];
  const own = program.subtasks.get(target);
  const about = `What is sent to "${target}"`;
  if (selector === undefined) return { push: sendToAll({ program, to, about }), copies: true };
  if (own?.stage.kind === "aligned")
    return { push: sendAligned({ program, selector, own, about, isFresh }), copies: !isFresh };
  const destinationOf = destinationCache(
    { stage: target, input, about, isFresh },
    job.plan.maxParallelism,
  );
  const send = (
    key: KeyValue,
    value: unknown,
    timestampMs: number,
    change: Change,
    before?: unknown,
  ): void => {
    let copies: readonly [unknown, unknown];
    try {
      const destination = destinationOf(key);
      if (own === undefined || !program.staysHere(destination.group)) {
        const element = { value, timestampMs, change, before };
        return program.effects.blocks.add(destination, element);
      }
      // What stays here is held to the rules of the wire, and shares as little with its sender.
      copies = [copyValue(value, about), copyValue(before, about)];
    } catch (thrown) {
      return selector.fail(thrown, value);
    }
    own.take(key, copies[0], timestampMs, change, copies[1], input);
  };
  return { push: keyedPush(selector, send), copies: true };
}

interface BroadcastPlace {
  readonly program: SlotProgram;
  readonly to: OperatorSend;
  readonly about: string;
}

/** protocol 4.9: over the wire to every slot, the own one too. */
function sendToAll({ program, to, about }: BroadcastPlace): Push {
  const { stage, input = 0 } = to;
  const destination = { stage, input, group: undefined, about };
  return (value, timestampMs, change, before) =>
    program.effects.blocks.add(destination, { value, timestampMs, change, before });
}

interface AlignedPlace {
  readonly program: SlotProgram;
  readonly selector: KeySelector;
  readonly own: Subtask;
  readonly about: string;
  readonly isFresh: boolean;
}

function sendAligned({ program, selector, own, about, isFresh }: AlignedPlace): Push {
  return (value, timestampMs, change) => {
    const key = selector.select(value);
    let record: KeyRecord;
    let copy: unknown;
    try {
      checkAligned(key, program.partitionKey);
      record = own.state.record(key);
      copy = isFresh ? value : copyValue(value, about);
    } catch (thrown) {
      return selector.fail(thrown, value);
    }
    own.takeAt(record, copy, timestampMs, change);
  };
}

function checkAligned(key: KeyValue, partitionKey: string): void {
  if (String(key) === partitionKey) return;
  throw new Error(
    `The source declares partitionedBy, but an element with key ${JSON.stringify(String(key))} came in a record with ` +
      `partition key ${JSON.stringify(partitionKey)}. Put records under that key, or leave partitionedBy out.`,
  );
}

/** Where keys go, and partition keys are put, is remembered for this many keys; then the memory starts anew. */
const rememberedMax = 50_000;

type OfGroup = Destination & { readonly group: number };

// Two functions rather than one with parameters: what is called for every element is compiled for what it is given.
function destinationCache(
  to: Omit<Destination, "group">,
  groupCount: number,
): (key: KeyValue) => OfGroup {
  const ofGroup: OfGroup[] = [];
  const ofKey = new Map<unknown, OfGroup>();
  const find = (key: KeyValue): OfGroup => {
    const group = groupOfKey(key, groupCount);
    return (ofGroup[group] ??= { ...to, group });
  };
  return (key) => {
    // To look a tuple up takes longer than to place it.
    if (typeof key === "object") return find(key);
    const known = ofKey.get(key);
    if (known !== undefined) return known;
    if (ofKey.size >= rememberedMax) ofKey.clear();
    const destination = find(key);
    ofKey.set(key, destination);
    return destination;
  };
}

function placementCache(): SourceProgram["isPutInto"] {
  const answers = new Map<string, boolean>();
  let known: HashRange = { firstHash: "", lastHash: "" };
  let isAll = false;
  return (range, partitionKey) => {
    if (range !== known) {
      // The slot's range is one for all of its life; not known before its first commit was read.
      if (range.firstHash !== known.firstHash || range.lastHash !== known.lastHash) answers.clear();
      known = range;
      isAll = covers([range]);
    }
    if (isAll) return true;
    const answer = answers.get(partitionKey);
    if (answer !== undefined) return answer;
    if (answers.size >= rememberedMax) answers.clear();
    const isInside = rangeContains(range, positionOfPartitionKey(partitionKey));
    answers.set(partitionKey, isInside);
    return isInside;
  };
}

function locatorOf(stage: Stage, groupCount: number): (key: KeyValue) => number {
  if (stage.kind === "aligned")
    return (key) => groupOfPosition(positionOfPartitionKey(String(key)), groupCount);
  return (key) => groupOfKey(key, groupCount);
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
    program.effects.writeCount += 1;
    if (write.kind === "line") program.effects.lineLength += write.text.length;
    const writes = program.effects.writes.get(uid);
    if (writes === undefined) program.effects.writes.set(uid, [write]);
    else writes.push(write);
  };
}

/** protocol 3.8: a row is written only by the slot that owns its key, so the row's key must hold the stage's key. */
function checkOwnership(write: SinkWrite, fields: readonly string[], subtask: Subtask): void {
  if (!("key" in write)) return;
  const { key } = subtask.current;
  for (const [at, field] of fields.entries()) {
    const expected = Array.isArray(key) ? (key as readonly KeyValue[])[at] : key;
    if (isKeyInRow(expected, write.key[field])) continue;
    throw new Error(
      `The row's "${field}" is ${JSON.stringify(write.key[field])}, but the element is keyed by ${valueText(expected, shownKeyMaxLength).text}. ` +
        `A row must carry the key under the name of the field that keyBy took; give the field another name, or key by what the row holds.`,
    );
  }
}

const shownKeyMaxLength = 200;

/** Rows have no booleans and bigints as keys: these stand in them as their texts, which no two of a type share. */
function isKeyInRow(key: KeyValue | undefined, inRow: string | number | undefined): boolean {
  return typeof key === "boolean" || typeof key === "bigint"
    ? String(key) === inRow
    : key === inRow;
}
