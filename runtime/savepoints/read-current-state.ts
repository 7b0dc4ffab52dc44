import { readPart, readSegment } from "../checkpoint/part.ts";
import { storeError } from "../errors/millrace-error.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { Generation } from "../job/generation.ts";
import { isMissing } from "../job/missing-object.ts";
import { listProgress, type SlotProgress } from "../job/progress.ts";
import type { SlotMeta } from "../job/slot-meta.ts";
import { ownerOfSlot } from "../job/slot-ref.ts";
import { ownerOfStage } from "../plan/operator-name.ts";
import type { Plan, Stage } from "../plan/plan.ts";
import type { LogRow, Ports } from "../ports/index.ts";
import { keyIdentity } from "../serde/key-bytes.ts";
import { readBody } from "../slot/image/commit-body.ts";
import type { StateDelta } from "../state/state-delta.ts";
import { ownerOf } from "./key-owner.ts";
import { mergeDelta } from "./merge-delta.ts";
import { matches, type StateRow } from "./state-row.ts";
import { windowAssigners, withWindowNames } from "./window-names.ts";

export interface CurrentStateQuery {
  readonly plan: Plan;
  readonly generation: Generation;
  /** The stage of the operator. */
  readonly stage: Stage;
  /** Uid of an operator. */
  readonly operator: string;
  readonly state: string;
  readonly key: KeyValue;
}

/** What a state holds for a key, as it was at one version of its slot. */
export interface CurrentState {
  readonly rows: readonly StateRow[];
  /** Of the version that was read: all that it sends is delivered. */
  readonly progress: SlotProgress;
}

/** A slot that commits faster than its log is read is left after so many tries. */
const triesMax = 10;

/**
 * Reads state of a job that runs, out of what its slot has committed: the newest part and the log behind it. The slot has no part in it, and
 * needs no memory for it; here all of the slot's state is read, and what was asked for is kept.
 * @throws MillraceError `state-moving`, and what reading parts and logs throws
 */
export async function readCurrentState(
  ports: Ports,
  query: CurrentStateQuery,
): Promise<CurrentState> {
  for (let attempt = 0; attempt < triesMax; attempt++) {
    const progress = await progressOf(ports, query);
    try {
      const rows = progress && (await rowsAt(ports, query, progress));
      if (progress !== undefined && rows !== undefined) return { rows, progress };
    } catch (thrown) {
      // protocol 6.8: what the row named when it was read is garbage by now.
      if (!isMissing(thrown)) throw thrown;
    }
  }
  throw storeError("state-moving", {
    message: `The slot of the key goes on faster than its state can be read, or is being taken over: tried ${triesMax} times.`,
    next: "Ask again.",
    retryable: true,
  });
}

/** The slot that owns the key: a sealed one until its successors are there. */
async function progressOf(
  ports: Ports,
  { plan, generation, stage, key }: CurrentStateQuery,
): Promise<SlotProgress | undefined> {
  const owner = ownerOfStage(stage);
  const all = await listProgress(ports, { job: plan.job, generation: generation.generation });
  const found = all.filter(
    (row) => ownerOfSlot(row.slot) === owner && ownerOf(stage, plan, row)(key),
  );
  return found.find(({ sealed }) => !sealed) ?? found.toSorted((a, b) => b.atMs - a.atMs)[0];
}

/** Undefined where the log has gone on so far that the rows behind the part are written over (protocol 3.4). */
async function rowsAt(
  ports: Ports,
  query: CurrentStateQuery,
  progress: SlotProgress,
): Promise<readonly StateRow[] | undefined> {
  const { plan, generation, key } = query;
  const wanted = keyIdentity(key);
  const assigners = windowAssigners(plan);
  const rows = new Map<string, StateRow>();
  const apply = (deltas: readonly StateDelta[]): void => {
    for (const delta of deltas) {
      const isKey = delta.keys.map((one) => keyIdentity(one) === wanted);
      mergeDelta(
        rows,
        withWindowNames(delta, assigners),
        (cell, at) => isKey[at] === true && matches(cell, query),
      );
    }
  };
  const { part, version, slot } = progress;
  if (part !== undefined) {
    const { segments } = await readPart<SlotMeta>(ports, part.key);
    for (const segment of segments) apply(await readSegment(ports, segment));
  }
  const log = {
    job: plan.job,
    generation: generation.generation,
    slot,
    ringSize: generation.ringSize,
  };
  const behind = await ports.log.readAll(log);
  const run = runOf(behind, { from: part && part.version + 1, to: version });
  if (run === undefined) return undefined;
  for (const row of run) {
    const { deltas, whole } = await readBody(ports, row);
    if (whole === true) rows.clear();
    apply(deltas);
  }
  return [...rows.values()];
}

/** Rows of all versions from the one behind the part, or from the slot's beginning, to one; undefined where one is missing. */
function runOf(
  rows: readonly LogRow[],
  { from, to }: { readonly from: number | undefined; readonly to: number },
): readonly LogRow[] | undefined {
  const first =
    from ?? rows.find(({ version, kind }) => version === 1 || kind === "takeover")?.version ?? 1;
  const run = rows.filter(({ version }) => version >= first && version <= to);
  return run.length === Math.max(0, to - first + 1) ? run : undefined;
}
