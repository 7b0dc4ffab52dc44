import { stateError } from "../errors/millrace-error.ts";
import { BroadcastCell, type KeptEntry } from "./broadcast-cell.ts";
import { type BroadcastDelta, broadcastDelta, entriesOf } from "./broadcast-delta.ts";
import type { CellName } from "./keyed-state.ts";
import { committedOf } from "./state-entry.ts";

/**
 * A slot's copy of what was broadcast to a stage (protocol 4.9): maps without a key above them, all in memory. At the end of a step
 * `prepare` gives what changed, then `accept` or `undo` must follow.
 */
export class BroadcastStore {
  readonly #stage: string;
  readonly #cells: BroadcastCell[] = [];

  constructor(stage: string) {
    this.#stage = stage;
  }

  /** Declares a state of an operator, before anything is read. */
  declare(name: CellName): BroadcastCell {
    const cell = new BroadcastCell(name);
    this.#cells.push(cell);
    return cell;
  }

  /** What the step changed; undefined where nothing did. */
  prepare(): BroadcastDelta | undefined {
    return this.#deltaOf((cell) => cell.changed());
  }

  accept(): void {
    for (const cell of this.#cells) cell.accept();
  }

  undo(): void {
    for (const cell of this.#cells) cell.undo();
  }

  /** Applies what another environment committed, or all of a copy. */
  apply(delta: BroadcastDelta): void {
    const cells = delta.cells.map((name) => this.#cellOf(name));
    for (const { cell, mapKey, committed } of entriesOf(delta))
      cells[cell]?.put(mapKey, committedOf(committed));
  }

  /** All that is committed; undefined where there is nothing. */
  snapshot(): BroadcastDelta | undefined {
    return this.#deltaOf((cell) => cell.committed());
  }

  /** Approximate size as encoded. */
  get bytes(): number {
    return this.#cells.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The same by uid of the operator. */
  bytesByOperator(): ReadonlyMap<string, number> {
    const byOperator = new Map<string, number>();
    for (const { uid, bytes } of this.#cells)
      byOperator.set(uid, (byOperator.get(uid) ?? 0) + bytes);
    return byOperator;
  }

  #deltaOf(entriesIn: (cell: BroadcastCell) => readonly KeptEntry[]): BroadcastDelta | undefined {
    const entries = this.#cells.flatMap((one, cell) =>
      entriesIn(one).map((entry) => ({ cell, ...entry })),
    );
    if (entries.length === 0) return undefined;
    const cells = this.#cells.map(({ name }) => name);
    return broadcastDelta({ stage: this.#stage, cells }, entries);
  }

  #cellOf(name: string): BroadcastCell {
    const cell = this.#cells.find((candidate) => candidate.name === name);
    if (cell !== undefined) return cell;
    throw stateError("state-unknown", {
      message: `Stage "${this.#stage}" has persisted broadcast state "${name}", which the job does not declare.`,
      next: "Restore the operator with its uid and state name, or start the job under a new name or folder.",
    });
  }
}
