import type { CellMapping, StateMapping } from "../plan/compare-states.ts";
import { type BroadcastDelta, broadcastDelta, entriesOf } from "./broadcast-delta.ts";
import { migrateEntry, migratorFor, unknownCell } from "./migrate-entry.ts";
import type { StateMigrators } from "./state-migrators.ts";

/**
 * Rewrites the broadcast state of a stage of an old plan for a new one, as `migrateDelta` does keyed state. All of it belongs to one operator, and goes
 * where that is now; undefined where nothing is left.
 * @throws MillraceError `state-unknown`, `state-migration-failed`
 */
export function migrateBroadcast(
  delta: BroadcastDelta,
  mapping: Pick<StateMapping, "cells">,
  migrators: StateMigrators,
): BroadcastDelta | undefined {
  const { stage, cells } = delta;
  const mappings = cells.map((cell) =>
    mapping.cells.find((candidate) => candidate.stage === stage && candidate.cell === cell),
  );
  const kept = mappings.flatMap((found) => found?.to ?? []);
  const [home] = kept;
  const entries = entriesOf(delta).flatMap(({ cell, mapKey, committed }) => {
    const found = mappings[cell];
    if (found === undefined) throw unknownCell(delta, cell);
    if (found.to === undefined) return [];
    const migrator = needsMigration(found) ? migratorFor(found, migrators) : undefined;
    const place = { mapKey, key: undefined };
    const value = migrateEntry({ mapping: found, migrator }, committed, place);
    return [{ cell: kept.indexOf(found.to), mapKey, committed: value }];
  });
  if (home === undefined || entries.length === 0) return undefined;
  return broadcastDelta({ stage: home.stage, cells: kept.map((to) => to.cell) }, entries);
}

const needsMigration = ({ fromVersion, toVersion }: CellMapping): boolean =>
  fromVersion < toVersion;
