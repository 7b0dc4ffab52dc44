import { rowKeys } from "../layout/names.ts";
import type { ControlRow, Ports } from "../ports/index.ts";
import { fromControlValue, toControlValue } from "../serde/control-value.ts";

/**
 * What a generation's epochs have come to: one row, changed only by conditional writes, so that two coordinators never open
 * two epochs of one number (docs/protocol.md 6.1).
 */
export interface Epochs {
  /** The newest epoch; absent before the first. */
  readonly newest?: Epoch;
  /** Epochs that expired in a row. */
  readonly failures: number;
  /** The newest complete epoch; absent before the first. */
  readonly completed?: number;
  /** Sources take nothing any more, for good: the job ends with its next complete epoch. */
  readonly stopping: boolean;
  /** Sources report the end of their streams, for good; the job stops when everything has come to its end. */
  readonly draining: boolean;
  /** Oldest first; of those that are done only the last few are kept. */
  readonly requests: readonly SavepointRequest[];
}

export interface Epoch {
  /** 1 for the first of a generation. */
  readonly number: number;
  /** "committing": its manifest stands, and what is staged for it is being made visible (protocol 6.9). */
  readonly status: "open" | "committing" | "complete" | "expired";
  /** All results were there when it was opened. */
  readonly final?: true;
  /** By the coordinator's clock. */
  readonly openedMs: number;
  readonly endedMs?: number;
  /** Retention leaves it alone: somebody asked for it. */
  readonly savepoint?: string;
  /** Why it expired. */
  readonly reason?: string;
}

export interface SavepointRequest {
  /** Names the savepoint: 1 to 100 characters of letters, digits, ".", "_" and "-". */
  readonly id: string;
  readonly kind: "savepoint" | "stop" | "drain";
  readonly askedMs: number;
  readonly status: "asked" | "complete" | "failed";
  /** Key of the manifest, where it is complete. */
  readonly manifest?: string;
  /** Why it failed. */
  readonly reason?: string;
}

/** A row as it was read: what a change is conditional on. */
export interface EpochsRow {
  readonly epochs: Epochs;
  /** Absent where there is no row yet. */
  readonly rank?: number;
}

const noEpochs: Epochs = { failures: 0, stopping: false, draining: false, requests: [] };

export async function readEpochs(ports: Pick<Ports, "control">, job: string, generation: number) {
  const row = await ports.control.get(rowKeys.epochs(job, generation));
  return row === undefined ? { epochs: noEpochs } : rowOf(row);
}

/** Changes the row if it is still the one that was read; undefined where somebody else was faster. */
export async function writeEpochs(
  ports: Ports,
  place: { readonly job: string; readonly generation: number },
  read: EpochsRow,
  epochs: Epochs,
): Promise<EpochsRow | undefined> {
  const rank = (read.rank ?? 0) + 1;
  const { written } = await ports.control.put(
    { ...rowKeys.epochs(place.job, place.generation), rank, value: toControlValue(epochs) },
    read.rank === undefined ? { kind: "absent" } : { kind: "rank", rank: read.rank },
  );
  return written ? { epochs, rank } : undefined;
}

function rowOf(row: ControlRow): EpochsRow {
  return { epochs: fromControlValue<Epochs>(row), rank: row.rank };
}
