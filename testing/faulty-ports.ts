import { storeError } from "../runtime/errors/millrace-error.ts";
import type { Ports, Random } from "../runtime/ports/index.ts";

/** What a simulation throws at a job, by name: how often it did. */
export type FaultCounts = Readonly<Record<string, number>>;

export interface Faults {
  readonly ports: <P extends Ports>(ports: P) => P;
  readonly counts: () => FaultCounts;
  /** Nothing fails any more: what is read then is read as it is. */
  readonly end: () => void;
}

/**
 * Calls to stores and streams fail now and then: before they are done ("throttled"), or behind it, so that nobody knows that they are ("answer lost"). Both are
 * what AWS does.
 */
export function faults(random: Random, rate: number): Faults {
  const counts: Record<string, number> = {};
  let isOver = false;

  function strikes(name: string): boolean {
    if (isOver || random.fraction() >= rate) return false;
    counts[name] = (counts[name] ?? 0) + 1;
    return true;
  }

  async function failing<R>(place: string, call: () => Promise<R>): Promise<R> {
    if (strikes(`${place} throttled`)) throw refused(place);
    const answer = await call();
    if (strikes(`${place} answer lost`)) throw refused(place);
    return answer;
  }

  return {
    counts: () => ({ ...counts }),
    end: () => {
      isOver = true;
    },
    ports: (ports) => ({
      ...ports,
      log: {
        append: (slot, row) => failing("commit log", () => ports.log.append(slot, row)),
        read: (slot, range) => failing("log read", () => ports.log.read(slot, range)),
        readAll: (slot) => failing("log read", () => ports.log.readAll(slot)),
      },
      tables: {
        write: (table, writes, writer) =>
          failing("result table", () => ports.tables.write(table, writes, writer)),
        get: (table, key) => ports.tables.get(table, key),
        scan: (table) => ports.tables.scan(table),
      },
      writer: {
        put: (stream, entries) => failing("stream", () => ports.writer.put(stream, entries)),
      },
    }),
  };
}

function refused(place: string): Error {
  return storeError("store-unavailable", {
    message: `The simulation lets a call fail: ${place}.`,
    next: "It is tried again, as a deployed job would.",
    retryable: true,
  });
}
