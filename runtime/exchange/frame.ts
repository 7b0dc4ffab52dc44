import { stateError } from "../errors/millrace-error.ts";
import { type Change, isChange } from "../graph/change.ts";
import { asInnerMessage } from "../serde/message-writer.ts";
import { packColumns, unpackPlainValue, unpackValue } from "../serde/msgpack.ts";
import type { StageWatermark } from "./watermark.ts";

/** What goes to one key group of one stage, or to all of them: elements in the order in which they were emitted. */
export interface Block {
  readonly stage: string;
  /** Which of the stage's inputs it is for; absent: the first. */
  readonly input?: number;
  /** Absent: a broadcast, for every slot that owns a key group (protocol 4.9). */
  readonly group?: number;
  readonly count: number;
  /** The packed elements: see {@link packElements}. */
  readonly elements: Uint8Array;
}

/** One record of the exchange: what one commit sends to one shard (docs/protocol.md, section 4). */
export interface Frame {
  readonly job: string;
  readonly generation: number;
  readonly plan: string;
  /** The slot that sent it, and the version and epoch of its commit. */
  readonly slot: string;
  readonly version: number;
  readonly epoch: number;
  /** The key groups for which it is all that the commit sends: pairs of first and last. */
  readonly speaksFor: readonly (readonly [first: number, last: number])[];
  readonly blocks: readonly Block[];
}

/** A frame too large for a record: where its object is. */
export interface FramePointer {
  readonly job: string;
  readonly generation: number;
  readonly objectKey: string;
}

/** A control record of the coordinator, for every stage of the exchange. */
export interface Tick {
  readonly job: string;
  readonly generation: number;
  readonly plan: string;
  readonly epoch: number;
  /** The coordinator's clock when it was made, in milliseconds since 1970. */
  readonly clockMs: number;
  readonly watermarks: Readonly<Record<string, StageWatermark>>;
  /** Whatever is older than this epoch has been put into the shard before the tick (protocol 6.3). */
  readonly closed?: number;
  /** The job stops with the tick's epoch (protocol 6.7). */
  readonly stopping?: boolean;
}

/** Elements in columns; `changes` is absent where all are inserts, `befores` where none carries the value that it replaces. */
export interface Elements {
  readonly timestamps: readonly number[];
  readonly values: readonly unknown[];
  readonly changes?: readonly Change[];
  readonly befores?: readonly unknown[];
}

export function packElements(elements: Elements): Uint8Array {
  return asInnerMessage(packColumns(columnsOf(elements), { about: "What is sent" }));
}

function columnsOf({ timestamps, values, changes, befores }: Elements) {
  if (changes === undefined) return [timestamps, values];
  return befores === undefined
    ? [timestamps, values, changes]
    : [timestamps, values, changes, befores];
}

/** A block for one key group. */
export interface GroupBlock extends Block {
  readonly group: number;
}

export function isForGroup(block: Block): block is GroupBlock {
  return block.group !== undefined;
}

/** A block as parts and blocks in flight hold it: any reader of MessagePack understands its elements (docs/formats.md). */
export function plainBlock(block: Block): Block {
  const columns = columnsOf(unpackBlock(block));
  return { ...block, elements: packColumns(columns, { isPlain: true }) };
}

/** The block that {@link plainBlock} was made of. */
export function ofPlainBlock(block: Block): Block {
  return { ...block, elements: packElements(elementsOf(block, unpackPlainValue)) };
}

/** Some elements of a block: from `first` up to and without `end`. */
export function sliceBlock(block: Block, first: number, end: number): Block {
  if (first === 0 && end === block.count) return block;
  const { timestamps, values, changes, befores } = unpackBlock(block);
  const elements = packElements({
    timestamps: timestamps.slice(first, end),
    values: values.slice(first, end),
    ...(changes !== undefined && { changes: changes.slice(first, end) }),
    ...(befores !== undefined && { befores: befores.slice(first, end) }),
  });
  return { ...block, count: end - first, elements };
}

/**
 * The elements of a block.
 * @throws MillraceError `format-corrupt` where they are not as many as it says, or without timestamps
 */
export function unpackBlock(block: Block): Elements {
  return elementsOf(block, unpackValue);
}

function elementsOf(
  { stage, group, count, elements }: Block,
  unpack: (bytes: Uint8Array) => unknown,
): Elements {
  let unpacked: unknown;
  let cause: unknown;
  try {
    unpacked = unpack(elements);
  } catch (thrown) {
    cause = thrown;
  }
  if (areColumns(unpacked, count)) {
    const [timestamps, values, changes, befores] = unpacked;
    return {
      timestamps,
      values,
      ...(changes !== undefined && { changes }),
      ...(befores !== undefined && { befores }),
    };
  }
  throw stateError("format-corrupt", {
    message: `A block of ${count} elements for ${group === undefined ? "all groups" : `group ${group}`} of stage "${stage}" can't be read: its elements are damaged.`,
    next: "Restore a checkpoint with `millrace restore`.",
    cause,
  });
}

function areColumns(
  unpacked: unknown,
  count: number,
): unpacked is [number[], unknown[], Change[]?, unknown[]?] {
  if (!Array.isArray(unpacked)) return false;
  const [timestamps, values, changes, befores] = unpacked as readonly unknown[];
  const isColumn = (column: unknown): column is unknown[] =>
    Array.isArray(column) && column.length === count;
  return (
    isColumn(timestamps) &&
    isColumn(values) &&
    timestamps.every((ms) => typeof ms === "number" && !Number.isNaN(ms)) &&
    (changes === undefined || (isColumn(changes) && changes.every(isChange))) &&
    (befores === undefined || isColumn(befores))
  );
}
