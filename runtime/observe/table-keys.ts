import { rowKeys } from "../layout/names.ts";
import type { Ports } from "../ports/index.ts";
import { fromControlValue } from "../serde/control-value.ts";

/**
 * A table with another key than a sink's rows: it refuses them, and each becomes a dead letter (protocol 3.4), or, where its key is only a part of
 * theirs, lets one take the other's place.
 */
export interface TableKeyMismatch {
  readonly sink: string;
  readonly table: string;
  readonly fault: string;
}

/** What the newest check has found, for whoever asks for the job's status. */
export interface TableKeysRow {
  readonly mismatches: readonly TableKeyMismatch[];
}

/** What the newest check has found; empty where all is well, or nothing was checked. */
export async function readTableKeys(
  { control }: Pick<Ports, "control">,
  job: string,
): Promise<readonly TableKeyMismatch[]> {
  const row = await control.get(rowKeys.tableKeys(job));
  return row === undefined ? [] : fromControlValue<TableKeysRow>(row).mismatches;
}
