import { readPart, readSegment } from "../checkpoint/part.ts";
import type { PartRef } from "../checkpoint/part.ts";
import { storeError } from "../errors/millrace-error.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { Generation } from "../job/generation.ts";
import { listProgress, type SlotProgress } from "../job/progress.ts";
import type { SlotMeta } from "../job/slot-meta.ts";
import { ownerOfSlot } from "../job/slot-ref.ts";
import { ownerOfStage } from "../plan/operator-name.ts";
import type { Plan, Stage } from "../plan/plan.ts";
import type { LogRow, Ports } from "../ports/index.ts";
import { rangeWithout } from "../serde/hash-space.ts";
import { keyIdentity } from "../serde/key-identity.ts";
import { readBody } from "../slot/image/commit-body.ts";
import type { StateDelta } from "../state/state-delta.ts";
import { ownerOf } from "./key-owner.ts";
import { mergeDelta } from "./merge-delta.ts";
import { matches, type StateRow } from "./state-row.ts";
import { windowAssigners, withWindowNames } from "./window-names.ts";

/** A state of an operator. */
export interface StateQuery {
  readonly plan: Plan;
  readonly generation: Generation;
  /** The stage of the operator. */
  readonly stage: Stage;
  /** Uid of an operator. */
  readonly operator: string;
  readonly state: string;
}

export interface StateOfKeyQuery extends StateQuery {
  readonly key: KeyValue;
}

/** What a state held for a key at one version of its slot. */
export interface StateAtVersion {
  readonly version: number;
  readonly rows: readonly StateRow[];
  /** Of the version's commit; absent for what was read of a part. */
  readonly meta?: SlotMeta;
}

/** A slot that commits faster than its log is read is left after so many tries. */
export const triesMax = 10;

export function stateMoving(): Error {
  return storeError("state-moving", {
    message: `The slot of the key goes on faster than its state can be read, or is being taken over: tried ${triesMax} times.`,
    next: "Ask again.",
    retryable: true,
  });
}

/** The slot that owns the key: a sealed one until its successors are there. */
export async function slotOfKey(
  ports: Ports,
  { plan, generation, stage, key }: StateOfKeyQuery,
): Promise<SlotProgress | undefined> {
  const owner = ownerOfStage(stage);
  const all = await listProgress(ports, { job: plan.job, generation: generation.generation });
  const found = all.filter(
    (row) => ownerOfSlot(row.slot) === owner && ownerOf(stage, plan, row)(key),
  );
  return found.find(({ sealed }) => !sealed) ?? found.toSorted((a, b) => b.atMs - a.atMs)[0];
}

/** All slots that have keys of a stage; undefined where some keys have none at present, since shards are being split or merged. */
export async function slotsOfStage(
  ports: Ports,
  { plan, generation, stage }: StateQuery,
): Promise<readonly SlotProgress[] | undefined> {
  const owner = ownerOfStage(stage);
  const all = await listProgress(ports, { job: plan.job, generation: generation.generation });
  const own = all.filter(({ slot }) => ownerOfSlot(slot) === owner);
  const live = own.filter(({ sealed }) => !sealed);
  const ranges = live.map(({ range }) => range);
  return own.every(({ range }) => rangeWithout(range, ranges).length === 0) ? live : undefined;
}

/** The rows of a slot's log that are there. */
export async function logOf(
  ports: Ports,
  { plan, generation }: Pick<StateOfKeyQuery, "plan" | "generation">,
  slot: string,
): Promise<readonly LogRow[]> {
  const { ringSize } = generation;
  return await ports.log.readAll({
    job: plan.job,
    generation: generation.generation,
    slot,
    ringSize,
  });
}

/**
 * Reads state of a key at a part, or at a slot's beginning, and then at each version of some rows of the log that follow. All of the slot's state is
 * read, and what was asked for is kept.
 */
export async function* statesAlong(
  ports: Ports,
  query: StateOfKeyQuery,
  { part, rows: log }: { readonly part: PartRef | undefined; readonly rows: readonly LogRow[] },
): AsyncGenerator<StateAtVersion> {
  const wanted = keyIdentity(query.key);
  const assigners = windowAssigners(query.plan);
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
  if (part !== undefined) {
    const { segments } = await readPart<SlotMeta>(ports, part.key);
    for (const segment of segments) apply(await readSegment(ports, segment));
  }
  yield { version: part?.version ?? 0, rows: [...rows.values()] };
  for (const row of log) {
    const { deltas, whole, meta } = await readBody(ports, row);
    if (whole === true) rows.clear();
    apply(deltas);
    yield { version: row.version, rows: [...rows.values()], meta };
  }
}

/** Rows of all versions from the one behind the part, or from the slot's beginning, to one; undefined where one is missing. */
export function runOf(
  rows: readonly LogRow[],
  { from, to }: { readonly from: number | undefined; readonly to: number },
): readonly LogRow[] | undefined {
  const first =
    from ?? rows.find(({ version, kind }) => version === 1 || kind === "takeover")?.version ?? 1;
  const run = rows.filter(({ version }) => version >= first && version <= to);
  return run.length === Math.max(0, to - first + 1) ? run : undefined;
}
