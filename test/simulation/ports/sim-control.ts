import type {
  ControlKey,
  ControlRow,
  PutCondition,
  PutOutcome,
} from "../../../runtime/ports/index.ts";
import type { StoreObserver } from "./observer.ts";

/** Control rows, whose every call happens at once. Rows are shared, for nobody changes a row's value. */
export class SimControl {
  readonly #partitions = new Map<string, Map<string, ControlRow>>();
  readonly #observer: StoreObserver;

  constructor(observer: StoreObserver) {
    this.#observer = observer;
  }

  get({ partition, sort }: ControlKey): ControlRow | undefined {
    return this.#partitions.get(partition)?.get(sort);
  }

  list(partition: string): readonly ControlRow[] {
    const rows = [...(this.#partitions.get(partition)?.values() ?? [])];
    return rows.sort((left, right) => (left.sort < right.sort ? -1 : 1));
  }

  put(row: ControlRow, condition: PutCondition): PutOutcome {
    let rows = this.#partitions.get(row.partition);
    if (rows === undefined) this.#partitions.set(row.partition, (rows = new Map()));
    const found = rows.get(row.sort);
    if (!holds(condition, found?.rank, row.rank))
      return found === undefined ? { written: false } : { written: false, found };
    this.#observer.controlWritten(row, found);
    rows.set(row.sort, row);
    return { written: true };
  }

  delete({ partition, sort, rank }: ControlKey & Pick<ControlRow, "rank">): void {
    const rows = this.#partitions.get(partition);
    if (rows?.get(sort)?.rank === rank) rows.delete(sort);
  }
}

function holds(condition: PutCondition, inPlace: number | undefined, rank: number): boolean {
  switch (condition.kind) {
    case "absent":
      return inPlace === undefined;
    case "forward":
      return inPlace === undefined || inPlace < rank;
    case "rank":
      return inPlace === condition.rank;
    case "always":
      return true;
  }
}
