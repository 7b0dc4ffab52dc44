import { inputError, messageOf } from "../runtime/errors/millrace-error.ts";
import type { KeyValue } from "../runtime/graph/key-value.ts";
import { combineOwnWatermarks } from "../runtime/exchange/watermark.ts";
import { written } from "../runtime/job/progress.ts";
import type { Plan, PlannedState } from "../runtime/plan/plan.ts";
import { keyOfJson, stateJson } from "../runtime/savepoints/index.ts";
import { findKeyedState, keyedStatesOf } from "../runtime/savepoints/keyed-states.ts";
import { readCurrentState } from "../runtime/savepoints/read-current-state.ts";
import { readStateHistory } from "../runtime/savepoints/read-state-history.ts";
import type { StateRow } from "../runtime/savepoints/state-row.ts";
import { keyBytes } from "../runtime/serde/key-bytes.ts";
import { timerText } from "../runtime/state/timer-name.ts";
import { findRun } from "./found-job.ts";
import type { StateHistoryView, StateOfKey, StatesView } from "./schemas/state.ts";
import type { ServedStore } from "./served-store.ts";

export const statesView = (plan: Plan): StatesView => ({
  states: keyedStatesOf(plan).map(({ stage, operator, state: { name, kind, version } }) => ({
    operator,
    stage: stage.id,
    state: name,
    kind,
    version,
  })),
});

const entriesMax = 1_000;

export interface AskedState {
  readonly job: string;
  readonly operator: string;
  readonly state: string;
  /** As it was typed. */
  readonly key: string;
}

/** @throws MillraceError `state-not-in-job`, `key-invalid`, and what reading throws */
export async function stateView(store: ServedStore, asked: AskedState): Promise<StateOfKey> {
  const { query, planned } = await queryOf(store, asked);
  const { operator, state, key, stage, generation } = query;
  const { rows, progress } = await readCurrentState(store.ports, query);
  return {
    operator,
    state,
    key: stateJson(key),
    ...entriesOf(rows, planned),
    asOf: {
      slot: progress.slot,
      version: progress.version,
      watermarkMs: written(combineOwnWatermarks([progress.watermarks[stage.id]]).ms),
      generation: generation.generation,
    },
  };
}

/**
 * What a state was for a key, back to where the slot's log begins, the newest first.
 * @throws as {@link stateView}
 */
export async function stateHistoryView(
  store: ServedStore,
  asked: AskedState,
  limit: number,
): Promise<StateHistoryView> {
  const { query, planned } = await queryOf(store, asked);
  const { operator, state, key, stage, generation } = query;
  const { slot, from, to, changes } = await readStateHistory(store.ports, query, {
    changesMax: limit,
  });
  return {
    operator,
    state,
    key: stateJson(key),
    slot,
    generation: generation.generation,
    from,
    to,
    changes: changes.map(({ version, rows, meta }) => ({
      version,
      ...entriesOf(rows, planned),
      ...(meta && {
        watermarkMs: written(combineOwnWatermarks([meta.watermarks[stage.id]]).ms),
        ...(meta.tickClockMs > 0 && { afterMs: meta.tickClockMs }),
      }),
    })),
  };
}

async function queryOf(store: ServedStore, { job, operator, state, key }: AskedState) {
  const { plan, generation } = await findRun(store, job);
  const { stage, state: planned } = findKeyedState(plan, { operator, state });
  const query = { plan, generation, stage, operator, state, key: keyOf(key) };
  return { query, planned };
}

function entriesOf(rows: readonly StateRow[], planned: PlannedState) {
  return {
    found: rows.length > 0,
    entries: rows.slice(0, entriesMax).map(({ mapKey, value }) => ({
      ...(mapKey !== undefined && { entry: entryOf(mapKey, planned) }),
      value: stateJson(value),
    })),
    cut: rows.length > entriesMax,
  };
}

const entryOf = (mapKey: KeyValue, { kind }: PlannedState): unknown =>
  kind === "timers" && typeof mapKey === "string" ? timerText(mapKey) : stateJson(mapKey);

/** JSON, or else a text. */
function keyOf(typed: string): KeyValue {
  let json: unknown;
  try {
    json = JSON.parse(typed);
  } catch {
    json = typed;
  }
  try {
    const key = keyOfJson(json) as KeyValue;
    keyBytes(key);
    return key;
  } catch (thrown) {
    throw inputError("key-invalid", {
      message: `"${typed.slice(0, 100)}" can't be a key: ${messageOf(thrown)}`,
      next: 'Write the key as JSON, for example "ada", 7 or ["ada", 7].',
    });
  }
}
