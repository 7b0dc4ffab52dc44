import { noWatermark, type StageWatermark } from "../../exchange/watermark.ts";
import type { GeneratorProgress, SlotMeta } from "../../job/slot-meta.ts";
import type { SlotRef } from "../../job/slot-ref.ts";
import { packMessage } from "../../serde/msgpack.ts";
import { sameBytes } from "../../serde/same-bytes.ts";

type Change<Value> = (before: Value, after: Value, slot: SlotRef) => boolean;

/** It never changes by itself: with it goes something that does, or it is only told. */
const never = (): boolean => false;

/**
 * protocol 3.3: of each field, whether another value of it is worth a commit of its own. A raised watermark, idleness and the fence
 * are; the cursor of an exchange slot alone is not. A new field of the meta has to say here what it is.
 */
const changes: { readonly [Field in keyof Required<SlotMeta>]: Change<SlotMeta[Field]> } = {
  version: never,
  epoch: never,
  range: never,
  cursor: (before, after, { source }) =>
    before.elements !== after.elements ||
    (source !== undefined && before.sequence !== after.sequence),
  pastFence: (before, after) => before !== after,
  watermarks: (before, after) =>
    Object.entries(after).some(([stage, watermark]) => isRaised(before[stage], watermark)),
  floors: never,
  /** What a generator remembers may change where nothing comes. */
  source: (before, after) =>
    before?.ended !== after?.ended || isOtherGenerator(before?.generator, after?.generator),
  /** Marks of others go with the elements that were taken; those of the slot itself also with an empty block. */
  marks: (before, after, { name }) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  /** They go with the elements that were taken. */
  broadcastMarks: never,
  closedEpoch: never,
  sentToSelf: never,
  tickClockMs: never,
  counters: (before, after) =>
    Object.entries(after.operators).some(
      ([operator, [received]]) => received !== (before.operators[operator]?.[0] ?? 0),
    ),
  duplicates: never,
  cut: (before, after) => before?.closed !== after?.closed,
  stopping: (before, after) => before !== after,
  firing: (before, after) => before?.join() !== after?.join(),
  staged: never,
  replayed: never,
  startMs: never,
};

function isOtherGenerator(
  before: GeneratorProgress | undefined,
  after: GeneratorProgress | undefined,
): boolean {
  if (before === undefined || after === undefined) return before !== after;
  return !sameBytes(packMessage(before), packMessage(after));
}

function isRaised(before: StageWatermark = noWatermark, after: StageWatermark): boolean {
  return before.ms !== after.ms || before.idle !== after.idle || before.own !== after.own;
}

/** Whether meta says something that others, or the slot itself later, must know. */
export function isChangedMeta(before: SlotMeta, after: SlotMeta, slot: SlotRef): boolean {
  const changed = <Field extends keyof SlotMeta>(field: Field): boolean =>
    changes[field](before[field], after[field], slot);
  return (Object.keys(changes) as (keyof SlotMeta)[]).some(changed);
}
