import type { Change } from "../graph/change.ts";
import { asInnerMessage, MessageWriter, noShapes, type Shapes } from "../serde/message-writer.ts";
import { refused, refuseValue } from "../serde/value-fault.ts";
import type { Block } from "./frame.ts";

/** Values that stand one behind another in a block. */
interface Column {
  /** Where their bytes are: start and end in turn. */
  readonly places: number[];
  /** Of their own: whoever reads a block reads a column to its end, and meets definitions in that order. */
  readonly shapes: Shapes;
}

interface OpenBlock {
  readonly stage: string;
  readonly input: number;
  /** Undefined: all of them. */
  readonly group: number | undefined;
  readonly timestamps: number[];
  readonly values: Column;
  changes: Change[] | undefined;
  /** By element; only as long as needed. */
  befores: Column | undefined;
}

/** Where an element goes; `about` says so in errors. */
export interface Destination {
  readonly stage: string;
  /** Which of the stage's inputs. Default: the first. */
  readonly input?: number;
  /** Undefined: a broadcast, to all of them. */
  readonly group: number | undefined;
  readonly about: string;
  /** What is sent there was just parsed, and nobody's: it is plain data, and taken for it. Default: false. */
  readonly isFresh?: boolean;
}

export interface OutgoingElement {
  readonly value: unknown;
  readonly timestampMs: number;
  readonly change: Change;
  /** The value that it replaces, where the plan asks for it. */
  readonly before?: unknown;
}

/**
 * Collects what a batch sends, by stage, input and key group. An element becomes bytes when it is sent: what is done to it afterwards must
 * not depend on where the batch ends.
 */
export class OutgoingBlocks {
  /** By the input of the stage, by group. */
  readonly #byStage = new Map<string, (OpenBlock | undefined)[][]>();
  /** The same of broadcasts, which are for all groups. */
  readonly #broadcasts = new Map<string, OpenBlock[]>();
  readonly #blocks: OpenBlock[] = [];
  /** Made for the first element: most batches of an exchange slot send nothing. */
  #writer: MessageWriter | undefined;
  elementCount = 0;

  /** `before` is over, and gives its memory: to grow it anew takes longer than to fill it. */
  constructor(before?: OutgoingBlocks) {
    if (before === undefined) return;
    const writer = before.#writer;
    if (writer === undefined || writer.capacity > keptMaxBytes) return;
    writer.length = 0;
    this.#writer = writer;
  }

  /** @throws MillraceError `value-not-storable`, after which no more can be added: the step is over */
  add(destination: Destination, element: OutgoingElement): void {
    const { stage, input = 0, group } = destination;
    const block =
      group === undefined ? this.#openBroadcast(stage, input) : this.open(stage, group, input);
    const count = block.timestamps.length;
    this.elementCount += 1;
    if (element.change !== "insert" && block.changes === undefined) {
      block.changes = Array.from({ length: count }, (): Change => "insert");
    }
    block.changes?.push(element.change);
    this.#write(block.values, element.value, destination);
    if (element.before !== undefined && block.befores === undefined) {
      block.befores = newColumn();
      for (let at = 0; at < count; at++) this.#write(block.befores, undefined, destination);
    }
    if (block.befores !== undefined) this.#write(block.befores, element.before, destination);
    block.timestamps.push(element.timestampMs);
  }

  /** The block of a group; an empty one is sent as well. */
  open(stage: string, group: number, input = 0): OpenBlock {
    let inputs = this.#byStage.get(stage);
    if (inputs === undefined) this.#byStage.set(stage, (inputs = []));
    const groups = (inputs[input] ??= []);
    return (groups[group] ??= this.#newBlock(stage, input, group));
  }

  #openBroadcast(stage: string, input: number): OpenBlock {
    let inputs = this.#broadcasts.get(stage);
    if (inputs === undefined) this.#broadcasts.set(stage, (inputs = []));
    return (inputs[input] ??= this.#newBlock(stage, input, undefined));
  }

  #newBlock(stage: string, input: number, group: number | undefined): OpenBlock {
    const columns = { timestamps: [], values: newColumn(), changes: undefined, befores: undefined };
    const block: OpenBlock = { stage, input, group, ...columns };
    this.#blocks.push(block);
    return block;
  }

  get isEmpty(): boolean {
    return this.#blocks.length === 0;
  }

  /** The packed blocks, broadcasts first, then by ascending group: each as `packElements` would pack it. */
  pack(): readonly Block[] {
    const place = ({ group = -1 }: OpenBlock): number => group;
    const ordered = this.#blocks.toSorted((left, right) => place(left) - place(right));
    const elements = this.#packed(ordered);
    return ordered.map((block, at) => ({
      stage: block.stage,
      ...(block.input > 0 && { input: block.input }),
      ...(block.group !== undefined && { group: block.group }),
      count: block.timestamps.length,
      elements: elements[at] as Uint8Array,
    }));
  }

  #write(
    { places, shapes }: Column,
    value: unknown,
    { about, isFresh = false }: Destination,
  ): void {
    const writer = (this.#writer ??= new MessageWriter());
    const start = writer.length;
    writer.shapes = shapes;
    writer.isOurs = isFresh;
    try {
      writer.value(value);
    } catch (thrown) {
      if (thrown !== refused) throw thrown;
      refuseValue(value, about);
    }
    if (places.at(-1) === start) places[places.length - 1] = writer.length;
    else places.push(start, writer.length);
  }

  /** Many blocks in one array: an array of its own takes longer for most of them than to fill it. */
  #packed(blocks: readonly OpenBlock[]): readonly Uint8Array[] {
    const writer = (this.#writer ??= new MessageWriter());
    const start = writer.length;
    const packed: Uint8Array[] = [];
    let ends: number[] = [];
    const cut = (): void => {
      const bytes = writer.slice(start);
      let from = 0;
      for (const end of ends) {
        packed.push(asInnerMessage(bytes.subarray(from, end)));
        from = end;
      }
      ends = [];
      writer.length = start;
    };
    for (const block of blocks) {
      appendBlock(writer, block);
      ends.push(writer.length - start);
      if (writer.length - start >= portionMinBytes) cut();
    }
    cut();
    return packed;
  }
}

/** Blocks are packed side by side up to so many bytes. */
const portionMinBytes = 256 * 1_024;

/** Of a batch that was larger than most the memory goes. */
const keptMaxBytes = 4 * 1_024 * 1_024;

function newColumn(): Column {
  return { places: [], shapes: noShapes() };
}

function appendBlock(
  writer: MessageWriter,
  { timestamps, values, changes, befores }: OpenBlock,
): void {
  const count = timestamps.length;
  writer.shapes = noShapes();
  writer.arrayOf(changes === undefined ? 2 : befores === undefined ? 3 : 4);
  writer.numbers(timestamps);
  appendColumn(writer, values, count);
  if (changes !== undefined) writer.value(changes);
  if (befores !== undefined) appendColumn(writer, befores, count);
}

function appendColumn(writer: MessageWriter, { places }: Column, count: number): void {
  writer.arrayOf(count);
  for (let at = 0; at < places.length; at += 2)
    writer.copyWithin(places[at] as number, places[at + 1] as number);
}
