import { inputError, messageOf } from "../runtime/errors/millrace-error.ts";
import { combineOwnWatermarks } from "../runtime/exchange/watermark.ts";
import type { KeyValue } from "../runtime/graph/key-value.ts";
import type { SlotProgress } from "../runtime/job/progress.ts";
import type { Plan } from "../runtime/plan/plan.ts";
import type { Ports } from "../runtime/ports/index.ts";
import { ownerOf } from "../runtime/savepoints/key-owner.ts";
import { findKeyedState } from "../runtime/savepoints/keyed-states.ts";
import { runningGeneration } from "../runtime/savepoints/requests.ts";
import type { KeyCopy } from "../runtime/savepoints/state-copy.ts";
import type { StateRow } from "../runtime/savepoints/state-row.ts";
import {
  slotOfKey,
  slotsOfStage,
  stateMoving,
  type StateQuery,
  triesMax,
} from "../runtime/savepoints/state-versions.ts";
import { copyValue } from "../runtime/serde/copy-value.ts";
import { compareKeys } from "../runtime/serde/compare-keys.ts";
import { keyBytes } from "../runtime/serde/key-bytes.ts";
import { stateCopies } from "./state-copies.ts";

/** A state of an operator, to be looked up by key while the job runs. */
export interface QueryableState {
  /**
   * What is kept for a key now. It is read from what the slot has committed: the job has no part in it.
   * @throws MillraceError `job-not-running`, `state-moving`, `key-invalid`
   */
  get(key: KeyValue): Promise<StateNow>;
  /**
   * What is kept for keys in a range, ascending: numbers by value, texts by their UTF-16 units, others by their bytes. Each slot is as of a
   * version of its own.
   * @throws as `get`; `limit-invalid`
   */
  range(range?: KeyRange): Promise<StatesNow>;
}

export interface KeyRange {
  /** The first key. Default: that of all. */
  readonly from?: KeyValue;
  /** The key behind the last. Default: to the end. */
  readonly to?: KeyValue;
  /** Keys at most, the first of them. Default: 1,000. */
  readonly limit?: number;
}

/** As of when a slot's state was read: all results of that version are delivered. */
export interface AsOf {
  readonly slot: string;
  readonly version: number;
  /** Event time in ms; -Infinity before the first element, +Infinity at the end. */
  readonly watermarkMs: number;
}

/** One for a value, one for each entry of a map, a list or a window; none where nothing is kept. */
export type StateEntries = readonly Pick<StateRow, "mapKey" | "value">[];

/** What a state holds for a key, as it was at one version of the slot that owns the key. */
export interface StateNow extends AsOf {
  readonly entries: StateEntries;
}

export interface KeyEntries {
  readonly key: KeyValue;
  readonly entries: StateEntries;
}

/** What a state holds for keys of a range. */
export interface StatesNow {
  readonly keys: readonly KeyEntries[];
  /** Of each slot that was read. */
  readonly asOf: readonly AsOf[];
}

const defaultLimit = 1_000;

/** @throws MillraceError `state-not-in-job` */
export function queryableState(
  { ports, plan }: { readonly ports: Ports; readonly plan: Plan },
  names: { readonly operator: string; readonly state: string },
): QueryableState {
  const { stage } = findKeyedState(plan, names);
  const copies = stateCopies(ports);
  const asOf = ({ slot, version, watermarks }: SlotProgress): AsOf => ({
    slot,
    version,
    watermarkMs: combineOwnWatermarks([watermarks[stage.id]]).ms,
  });

  /** Tries until nothing moves under it. */
  async function read<Answer>(
    attempt: (query: StateQuery) => Promise<Answer | undefined>,
  ): Promise<Answer> {
    const generation = await runningGeneration(ports, plan.job);
    for (let tries = 0; tries < triesMax; tries++) {
      const answer = await attempt({ plan, generation, stage, ...names });
      if (answer !== undefined) return answer;
    }
    throw stateMoving();
  }

  return {
    async get(key) {
      checkKey(key);
      return await read(async (query) => {
        const progress = await slotOfKey(ports, { ...query, key });
        const copy = progress && (await copies.of(query, progress));
        if (progress === undefined || copy === undefined) return undefined;
        return { entries: entriesIn(copy.of(key)), ...asOf(copy.progress) };
      });
    },
    async range({ from, to, limit = defaultLimit } = {}) {
      for (const key of [from, to]) if (key !== undefined) checkKey(key);
      checkLimit(limit);
      const isWithin = (key: KeyValue): boolean =>
        (from === undefined || compareKeys(key, from) >= 0) &&
        (to === undefined || compareKeys(key, to) < 0);
      return await read(async (query) => {
        const slots = await slotsOfStage(ports, query);
        const found: KeyCopy[] = [];
        const read: AsOf[] = [];
        for (const progress of slots ?? []) {
          const copy = await copies.of(query, progress);
          if (copy === undefined) return undefined;
          const owns = ownerOf(stage, plan, progress);
          for (const one of copy.keys()) if (isWithin(one.key) && owns(one.key)) found.push(one);
          read.push(asOf(copy.progress));
        }
        const first = found.sort((one, other) => compareKeys(one.key, other.key)).slice(0, limit);
        const keys = first.map((one): KeyEntries => ({ key: one.key, entries: entriesIn(one) }));
        return slots && { keys, asOf: read };
      });
    },
  };
}

const entriesIn = (kept: KeyCopy | undefined): StateEntries =>
  Array.from(kept?.rows.values() ?? [], ({ mapKey, value }) => ({
    ...(mapKey !== undefined && { mapKey }),
    // What the asker does to it is no change of the copy.
    value: copyValue(value, "A value of state"),
  }));

function checkLimit(limit: number): void {
  if (Number.isInteger(limit) && limit > 0) return;
  throw inputError("limit-invalid", {
    message: `At most ${limit} keys are asked for.`,
    next: "Ask for a whole number of keys from 1.",
  });
}

function checkKey(key: KeyValue): void {
  try {
    keyBytes(key);
  } catch (thrown) {
    throw inputError("key-invalid", {
      message: `That can't be a key: ${messageOf(thrown)}`,
      next: "Ask for a text, a number, a boolean, or a tuple or record of them.",
    });
  }
}
