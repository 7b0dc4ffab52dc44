import type { AppendOutcome, LogName, LogRow, VersionRange } from "../../../runtime/ports/index.ts";
import type { StoreObserver } from "./observer.ts";

/** Commit logs, whose every call happens at once. */
export class SimLog {
  readonly #rings = new Map<string, (LogRow | undefined)[]>();
  readonly #observer: StoreObserver;

  constructor(observer: StoreObserver) {
    this.#observer = observer;
  }

  append(log: LogName, row: LogRow): AppendOutcome {
    const ring = this.#ringOf(log);
    const place = row.version % log.ringSize;
    const found = ring[place];
    if (found !== undefined && found.version !== row.version - log.ringSize)
      return { appended: false, found };
    this.#observer.appended(log, row, found);
    ring[place] = row;
    return { appended: true };
  }

  read(log: LogName, { first, last }: VersionRange): readonly LogRow[] {
    const ring = this.#ringOf(log);
    const rows: LogRow[] = [];
    for (let version = Math.max(first, 0); version <= last; version++) {
      const row = ring[version % log.ringSize];
      if (row?.version === version) rows.push(row);
    }
    return rows;
  }

  readAll(log: LogName): readonly LogRow[] {
    const rows = this.#ringOf(log).filter((row) => row !== undefined);
    return rows.sort((left, right) => left.version - right.version);
  }

  /** Every row that any ring holds. */
  *rows(): IterableIterator<LogRow> {
    for (const ring of this.#rings.values())
      for (const row of ring) if (row !== undefined) yield row;
  }

  #ringOf({ job, generation, slot }: LogName): (LogRow | undefined)[] {
    const name = `${job}#${generation}#${slot}`;
    let ring = this.#rings.get(name);
    if (ring === undefined) this.#rings.set(name, (ring = []));
    return ring;
  }
}
