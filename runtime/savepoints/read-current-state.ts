import { isMissing } from "../job/missing-object.ts";
import type { SlotProgress } from "../job/progress.ts";
import type { Ports } from "../ports/index.ts";
import type { StateRow } from "./state-row.ts";
import {
  logOf,
  runOf,
  slotOfKey,
  stateMoving,
  type StateOfKeyQuery,
  statesAlong,
  triesMax,
} from "./state-versions.ts";

/** What a state holds for a key, as it was at one version of its slot. */
export interface CurrentState {
  readonly rows: readonly StateRow[];
  /** Of the version that was read: all that it sends is delivered. */
  readonly progress: SlotProgress;
}

/**
 * Reads state of a job that runs, out of what its slot has committed: the newest part and the log behind it. The slot has no part in it, and
 * needs no memory for it; here all of the slot's state is read, and what was asked for is kept.
 * @throws MillraceError `state-moving`, and what reading parts and logs throws
 */
export async function readCurrentState(
  ports: Ports,
  query: StateOfKeyQuery,
): Promise<CurrentState> {
  for (let attempt = 0; attempt < triesMax; attempt++) {
    const progress = await slotOfKey(ports, query);
    try {
      const rows = progress && (await rowsAt(ports, query, progress));
      if (progress !== undefined && rows !== undefined) return { rows, progress };
    } catch (thrown) {
      // protocol 6.8: what the row named when it was read is garbage by now.
      if (!isMissing(thrown)) throw thrown;
    }
  }
  throw stateMoving();
}

/** Undefined where the log has gone on so far that the rows behind the part are written over (protocol 3.4). */
async function rowsAt(
  ports: Ports,
  query: StateOfKeyQuery,
  { part, version, slot }: SlotProgress,
): Promise<readonly StateRow[] | undefined> {
  const log = await logOf(ports, query, slot);
  const rows = runOf(log, { from: part && part.version + 1, to: version });
  if (rows === undefined) return undefined;
  let last: readonly StateRow[] = [];
  for await (const state of statesAlong(ports, query, { part, rows })) last = state.rows;
  return last;
}
