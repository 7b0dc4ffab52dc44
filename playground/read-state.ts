import type { KeyValue } from "../runtime/graph/key-value.ts";
import { readGeneration } from "../runtime/job/generation.ts";
import type { JobRuntime } from "../runtime/job/job-runtime.ts";
import { listProgress } from "../runtime/job/progress.ts";
import { slotOfShard } from "../runtime/job/slot-ref.ts";
import { stateJson } from "../runtime/savepoints/state-json.ts";
import { cellParts, valueOf } from "../runtime/savepoints/state-row.ts";
import { windowAssigners } from "../runtime/savepoints/window-names.ts";
import { catchUp } from "../runtime/slot/catch-up.ts";
import { createEnvironment, type SlotEnvironment } from "../runtime/slot/image/environment.ts";
import { broadcastOf } from "../runtime/slot/image/slot-image.ts";
import type { StateDelta } from "../runtime/state/state-delta.ts";
import { timerText } from "../runtime/state/timer-name.ts";
import { type KeptWindow, windowOf } from "../runtime/windows/kept-window.ts";
import type { ShownState, ShownWindow } from "./play-step.ts";

export interface KeptState {
  readonly windows: readonly ShownWindow[];
  readonly state: readonly ShownState[];
}

/** Reads what a job keeps as any environment would: from the logs of its slots, which it follows from one call to the next. */
export function stateReader(job: JobRuntime): () => Promise<KeptState> {
  const environment = createEnvironment(job);
  // A window of all time has no ends to be drawn.
  const windowed = new Set(
    [...windowAssigners(job.plan)].flatMap(([cell, { kind }]) => (kind === "global" ? [] : cell)),
  );
  return async () => {
    const windows: ShownWindow[] = [];
    const state: ShownState[] = [];
    for (const delta of await deltasOf(environment)) {
      for (const entry of entriesOf(delta)) {
        if (windowed.has(entry.cell)) windows.push(shownWindow(entry));
        else state.push(shownState(entry));
      }
    }
    windows.sort(byTime);
    return { windows, state };
  };
}

/** The whole state of all slots, as it stands in their logs. */
async function deltasOf(environment: SlotEnvironment): Promise<readonly StateDelta[]> {
  const { job } = environment;
  const generation = await readGeneration(job.ports, job.plan.job);
  if (generation === undefined) return [];
  const place = { job: job.plan.job, generation: generation.generation };
  const deltas: StateDelta[] = [];
  for (const { stream, shardId } of await listProgress(job.ports, place)) {
    const image = await catchUp(environment, generation, slotOfShard(job, stream, shardId));
    if (image === undefined) continue;
    for (const { state } of image.program.subtasks.values()) deltas.push(state.snapshot());
    for (const copy of broadcastOf(image)) deltas.push({ ...copy, ...keyless(copy.mapKey.length) });
  }
  environment.images.release();
  return deltas;
}

/** Broadcast state as state of keys, of which it has none. */
const keyless = (count: number) => ({ keys: [], key: Array.from({ length: count }, () => -1) });

interface Entry {
  readonly cell: string;
  readonly key: KeyValue | undefined;
  readonly mapKey: KeyValue | undefined;
  readonly value: unknown;
}

function entriesOf({ cells, keys, key, cell, mapKey, committed }: StateDelta): readonly Entry[] {
  return committed.map((value, at) => ({
    cell: cells[cell[at] as number] as string,
    key: keys[key[at] as number],
    mapKey: mapKey[at] ?? undefined,
    value: valueOf(value),
  }));
}

function shownWindow({ cell, key, mapKey, value }: Entry): ShownWindow {
  const kept = value as KeptWindow;
  return {
    operator: cellParts(cell).operator,
    id: String(mapKey),
    key: stateJson(key),
    ...windowOf({ mapKey: String(mapKey), value: kept }),
    fired: kept.fired,
    accumulator: stateJson(kept.accumulator),
  };
}

function shownState({ cell, key, mapKey, value }: Entry): ShownState {
  const entry = typeof mapKey === "string" ? timerText(mapKey) : stateJson(mapKey);
  return {
    ...cellParts(cell),
    ...(key !== undefined && { key: stateJson(key) }),
    ...(mapKey !== undefined && { entry }),
    value: stateJson(value),
  };
}

function byTime(left: ShownWindow, right: ShownWindow): number {
  return left.startMs - right.startMs || (keyText(left) < keyText(right) ? -1 : 1);
}

const keyText = ({ operator, key }: ShownWindow): string => `${operator} ${JSON.stringify(key)}`;
