import type { Change } from "../graph/change.ts";
import { type Block, packElements } from "./frame.ts";

interface OpenBlock {
  readonly stage: string;
  readonly group: number;
  readonly timestamps: number[];
  readonly values: unknown[];
  changes: Change[] | undefined;
  /** By element; only as long as needed. */
  befores: unknown[] | undefined;
}

export interface OutgoingElement {
  readonly value: unknown;
  readonly timestampMs: number;
  readonly change: Change;
  /** The value that it replaces, where the plan asks for it. */
  readonly before?: unknown;
}

/** Collects what a batch sends, by stage and key group. */
export class OutgoingBlocks {
  readonly #byStage = new Map<string, (OpenBlock | undefined)[]>();
  readonly #blocks: OpenBlock[] = [];
  elementCount = 0;

  add(stage: string, group: number, element: OutgoingElement): void {
    const block = this.open(stage, group);
    this.elementCount += 1;
    if (element.change !== "insert" && block.changes === undefined) {
      block.changes = Array.from({ length: block.values.length }, (): Change => "insert");
    }
    block.changes?.push(element.change);
    if (element.before !== undefined) (block.befores ??= [])[block.values.length] = element.before;
    block.timestamps.push(element.timestampMs);
    block.values.push(element.value);
  }

  /** The block of a group; an empty one is sent as well. */
  open(stage: string, group: number): OpenBlock {
    let groups = this.#byStage.get(stage);
    if (groups === undefined) this.#byStage.set(stage, (groups = []));
    const known = groups[group];
    if (known !== undefined) return known;
    const block: OpenBlock = {
      stage,
      group,
      timestamps: [],
      values: [],
      changes: undefined,
      befores: undefined,
    };
    groups[group] = block;
    this.#blocks.push(block);
    return block;
  }

  get isEmpty(): boolean {
    return this.#blocks.length === 0;
  }

  /** The packed blocks, by ascending group. */
  pack(): readonly Block[] {
    const ordered = this.#blocks.toSorted((left, right) => left.group - right.group);
    return ordered.map((block) => ({
      stage: block.stage,
      group: block.group,
      count: block.values.length,
      elements: packElements({
        timestamps: block.timestamps,
        values: block.values,
        ...(block.changes !== undefined && { changes: block.changes }),
        ...(block.befores !== undefined && { befores: filled(block.befores, block.values.length) }),
      }),
    }));
  }
}

/** Without holes, which would come back as null. */
function filled(sparse: readonly unknown[], length: number): unknown[] {
  return Array.from({ length }, (_, at) => sparse[at]);
}
