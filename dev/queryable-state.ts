import { combineOwnWatermarks } from "../runtime/exchange/watermark.ts";
import type { KeyValue } from "../runtime/graph/key-value.ts";
import type { Plan } from "../runtime/plan/plan.ts";
import type { Ports } from "../runtime/ports/index.ts";
import { findKeyedState } from "../runtime/savepoints/keyed-states.ts";
import { readCurrentState } from "../runtime/savepoints/read-current-state.ts";
import { runningGeneration } from "../runtime/savepoints/requests.ts";
import type { StateRow } from "../runtime/savepoints/state-row.ts";

/** A state of an operator, to be looked up by key while the job runs. */
export interface QueryableState {
  /**
   * What is kept for a key now. It is read from what the slot has committed: the job has no part in it.
   * @throws MillraceError `job-not-running`, `state-moving`
   */
  get(key: KeyValue): Promise<StateNow>;
}

/** What a state holds for a key, as it was at one version of the slot that owns the key: all results of that version are delivered. */
export interface StateNow {
  /** One for a value, one for each entry of a map, a list or a window; none where nothing is kept. */
  readonly entries: readonly Pick<StateRow, "mapKey" | "value">[];
  readonly slot: string;
  readonly version: number;
  /** Event time in ms; -Infinity before the first element, +Infinity at the end. */
  readonly watermarkMs: number;
}

/** @throws MillraceError `state-not-in-job` */
export function queryableState(
  { ports, plan }: { readonly ports: Ports; readonly plan: Plan },
  names: { readonly operator: string; readonly state: string },
): QueryableState {
  const { stage } = findKeyedState(plan, names);
  return {
    async get(key) {
      const generation = await runningGeneration(ports, plan.job);
      const query = { plan, generation, stage, ...names, key };
      const { rows, progress } = await readCurrentState(ports, query);
      return {
        entries: rows.map(({ mapKey, value }) => ({
          ...(mapKey !== undefined && { mapKey }),
          value,
        })),
        slot: progress.slot,
        version: progress.version,
        watermarkMs: combineOwnWatermarks([progress.watermarks[stage.id]]).ms,
      };
    },
  };
}
