import type { PartRef } from "../checkpoint/part.ts";
import { readManifest } from "../checkpoint/manifest.ts";
import { isMissing } from "../job/missing-object.ts";
import type { SlotProgress } from "../job/progress.ts";
import type { LogRow, Ports } from "../ports/index.ts";
import { listCheckpoints } from "./list-checkpoints.ts";
import { stateJson } from "./state-json.ts";
import {
  logOf,
  runOf,
  slotOfKey,
  type StateAtVersion,
  stateMoving,
  type StateOfKeyQuery,
  statesAlong,
  triesMax,
} from "./state-versions.ts";

/** How a state of a key has come to what it is: as far back as its slot's log and the parts that stand tell. */
export interface StateHistory {
  readonly slot: string;
  /** The version that was read first, and the last one. */
  readonly from: number;
  readonly to: number;
  /** Versions in which the state was another one than before, the first that was read included; the newest first. */
  readonly changes: readonly StateAtVersion[];
}

/**
 * Reads what a key's state was, version by version. The slot has no part in it. What is older than the log's ring is not known any more, nor what
 * was before the slot took over from others.
 * @throws MillraceError `state-moving`, and what reading parts and logs throws
 */
export async function readStateHistory(
  ports: Ports,
  query: StateOfKeyQuery,
  { changesMax }: { readonly changesMax: number },
): Promise<StateHistory> {
  for (let attempt = 0; attempt < triesMax; attempt++) {
    const progress = await slotOfKey(ports, query);
    if (progress === undefined) continue;
    const log = await logOf(ports, query, progress.slot);
    for (const part of await partsOfSlot(ports, query, progress)) {
      const rows = runOf(log, { from: part && part.version + 1, to: progress.version });
      const changes = rows && (await changesAlong(ports, query, { part, rows, changesMax }));
      if (changes === undefined) continue;
      const { slot, version: to } = progress;
      return { slot, from: part?.version ?? rows?.[0]?.version ?? to, to, changes };
    }
  }
  throw stateMoving();
}

/** Where to begin: the slot's own beginning, then its parts that stand, the oldest first. */
export async function partsOfSlot(
  ports: Ports,
  { plan, generation }: Pick<StateOfKeyQuery, "plan" | "generation">,
  { slot, part }: SlotProgress,
): Promise<readonly (PartRef | undefined)[]> {
  const parts = new Map<number, PartRef>();
  for (const entry of await listCheckpoints(ports, plan.job)) {
    const { manifest, status } = entry;
    if (status !== "complete" || manifest === undefined) continue;
    if (entry.generation !== generation.generation) continue;
    const { slots } = await readManifest(ports.objects, manifest);
    const found = slots.find((one) => one.slot === slot);
    if (found !== undefined) parts.set(found.part.version, found.part);
  }
  if (part !== undefined) parts.set(part.version, part);
  return [undefined, ...[...parts.values()].toSorted((one, other) => one.version - other.version)];
}

interface Along {
  readonly part: PartRef | undefined;
  readonly rows: readonly LogRow[];
  readonly changesMax: number;
}

/** Undefined where something is garbage by now (protocol 6.8). */
async function changesAlong(
  ports: Ports,
  query: StateOfKeyQuery,
  { part, rows, changesMax }: Along,
): Promise<readonly StateAtVersion[] | undefined> {
  const changes: StateAtVersion[] = [];
  let before = "";
  try {
    for await (const state of statesAlong(ports, query, { part, rows })) {
      const now = textOf(state);
      // A slot has nothing before its first commit.
      if (now === before || (changes.length === 0 && part === undefined && state.rows.length === 0))
        continue;
      before = now;
      changes.push(state);
      if (changes.length > changesMax) changes.shift();
    }
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw thrown;
  }
  return changes.reverse();
}

const textOf = ({ rows }: StateAtVersion): string =>
  JSON.stringify(rows.map(({ mapKey, value }) => [stateJson(mapKey), stateJson(value)]));
