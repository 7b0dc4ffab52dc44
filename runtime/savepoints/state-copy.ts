import { readPart, readSegment } from "../checkpoint/part.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { SlotMeta } from "../job/slot-meta.ts";
import type { SlotProgress } from "../job/progress.ts";
import type { Ports } from "../ports/index.ts";
import { keyIdentity } from "../serde/key-identity.ts";
import { readBody } from "../slot/image/commit-body.ts";
import type { Identity } from "../state/key-record.ts";
import type { StateDelta } from "../state/state-delta.ts";
import { entriesOf } from "./merge-delta.ts";
import { matches, type StateRow } from "./state-row.ts";
import { logOf, runOf, type StateQuery } from "./state-versions.ts";
import { windowAssigners, withWindowNames } from "./window-names.ts";

/** What a state holds for a key: one row for a value, one for each entry of a map, a list or a window. */
export interface KeyCopy {
  readonly key: KeyValue;
  readonly rows: ReadonlyMap<string, StateRow>;
}

/** A copy of what a slot keeps of one state, for all of its keys. Like a standby, it follows the slot's log: to ask again costs what was committed since. */
export interface StateCopy {
  /** As of when it is. */
  readonly progress: SlotProgress;
  /** Applies what was committed up to a version; false where the log no longer has it: then another copy is begun. */
  follow(ports: Ports, progress: SlotProgress): Promise<boolean>;
  of(key: KeyValue): KeyCopy | undefined;
  keys(): Iterable<KeyCopy>;
}

/** Begins at the newest part of the slot, or at its beginning; undefined where the log behind it is written over (protocol 3.4). */
export async function copyOfState(
  ports: Ports,
  query: StateQuery,
  begun: SlotProgress,
): Promise<StateCopy | undefined> {
  const { slot, part, version } = begun;
  const rows = runOf(await logOf(ports, query, slot), {
    from: part && part.version + 1,
    to: version,
  });
  if (rows === undefined) return undefined;
  const kept = keptKeys(query);
  if (part !== undefined) {
    const { segments } = await readPart<SlotMeta>(ports, part.key);
    for (const segment of segments) kept.apply(await readSegment(ports, segment));
  }
  for (const row of rows) kept.take(await readBody(ports, row));
  let now = begun;
  return {
    get progress() {
      return now;
    },
    async follow(store, progress) {
      const [at, to] = [now.version, progress.version];
      if (to <= at) return true;
      const name = { job: query.plan.job, generation: query.generation.generation, slot };
      const { ringSize } = query.generation;
      const next = await store.log.read({ ...name, ringSize }, { first: at + 1, last: to });
      if (next.length !== to - at) return false;
      const bodies = await Promise.all(next.map(async (row) => await readBody(store, row)));
      // Whoever reads meanwhile sees all of it or nothing.
      for (const body of bodies) kept.take(body);
      now = progress;
      return true;
    },
    of: (key) => kept.byKey.get(keyIdentity(key)),
    keys: () => kept.byKey.values(),
  };
}

/** Keys with what is kept for them, and how deltas change it. */
function keptKeys(query: StateQuery) {
  const assigners = windowAssigners(query.plan);
  const byKey = new Map<
    Identity,
    { readonly key: KeyValue; readonly rows: Map<string, StateRow> }
  >();
  const apply = (deltas: readonly StateDelta[]): void => {
    for (const delta of deltas) {
      const named = withWindowNames(delta, assigners);
      for (const { key, place, row } of entriesOf(named, (cell) => matches(cell, query))) {
        const identity = keyIdentity(key);
        const kept = byKey.get(identity) ?? { key, rows: new Map<string, StateRow>() };
        if (row === undefined) kept.rows.delete(place);
        else kept.rows.set(place, row);
        if (kept.rows.size === 0) byKey.delete(identity);
        else byKey.set(identity, kept);
      }
    }
  };
  return {
    byKey,
    apply,
    take({ deltas, whole }: { readonly deltas: readonly StateDelta[]; readonly whole?: boolean }) {
      if (whole === true) byKey.clear();
      apply(deltas);
    },
  };
}
