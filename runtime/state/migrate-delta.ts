import type { KeyValue } from "../graph/key-value.ts";
import type { CellMapping, StateMapping } from "../plan/compare-states.ts";
import { type Migration, migrateEntry, migratorFor, unknownCell } from "./migrate-entry.ts";
import { deltaBuilder, type StateDelta } from "./state-delta.ts";
import { timerOfKey } from "./timer-name.ts";
import type { StateMigrators } from "./state-migrators.ts";

/**
 * Rewrites a delta of an old plan for the stages of a new one: entries go where their operator is now, in their order; what
 * the new plan has no place for is dropped, and users' migrations run over values of lower versions. What was removed
 * stays removed. A stage without entries gets no delta. Pure as far as the migrations are.
 * @throws MillraceError `state-unknown`, `state-migration-failed`
 */
export function migrateDelta(
  delta: StateDelta,
  mapping: Pick<StateMapping, "cells">,
  migrators: StateMigrators,
): readonly StateDelta[] {
  const routes = routesOf(delta, mapping, migrators);
  // Each builder tells keys apart by records of its own.
  const recordsOf = new Map<object, readonly { readonly key: KeyValue; at: number }[]>();
  for (const [at, cell] of delta.cell.entries()) {
    const route = routes[cell];
    if (route === undefined) throw unknownCell(delta, cell);
    const mapKey = delta.mapKey[at] ?? undefined;
    if (route.target === undefined || isDropped(route.mapping, mapKey)) continue;
    const { builder } = route.target;
    const records = recordsOf.get(builder) ?? delta.keys.map((key) => ({ key, at: 0 }));
    recordsOf.set(builder, records);
    const record = records[delta.key[at] as number] as { readonly key: KeyValue; at: number };
    const value = migrateEntry(route, delta.committed[at], { key: record.key, mapKey });
    builder.add({ record, cell: route.target.cell, mapKey }, value);
  }
  const builders = new Set(routes.flatMap((route) => route?.target?.builder ?? []));
  return [...builders].filter(({ isEmpty }) => !isEmpty).map((builder) => builder.build());
}

/** What becomes of the entries of one cell of a delta. */
interface Route extends Migration {
  /** Absent where they are dropped. */
  readonly target?: {
    readonly builder: ReturnType<typeof deltaBuilder>;
    /** Index among the builder's cells. */
    readonly cell: number;
  };
}

/** By index of the delta's cells; undefined for a cell that the mapping doesn't know. */
function routesOf(
  { stage, cells }: StateDelta,
  mapping: Pick<StateMapping, "cells">,
  migrators: StateMigrators,
): readonly (Route | undefined)[] {
  const byName = new Map(
    mapping.cells.filter((cell) => cell.stage === stage).map((cell) => [cell.cell, cell]),
  );
  const targets = new Map<string, { names: string[]; builder: ReturnType<typeof deltaBuilder> }>();
  return cells.map((name) => {
    const found = byName.get(name);
    if (found?.to === undefined) return found && { mapping: found };
    let target = targets.get(found.to.stage);
    if (target === undefined) {
      const names: string[] = [];
      target = { names, builder: deltaBuilder(found.to.stage, names) };
      targets.set(found.to.stage, target);
    }
    const cell = target.names.push(found.to.cell) - 1;
    const migrator = found.fromVersion < found.toVersion && migratorFor(found, migrators);
    return {
      mapping: found,
      target: { builder: target.builder, cell },
      ...(migrator !== false && { migrator }),
    };
  });
}

function isDropped({ droppedTimers }: CellMapping, mapKey: KeyValue | undefined): boolean {
  if (droppedTimers === undefined || typeof mapKey !== "string") return false;
  return droppedTimers.includes(timerOfKey(mapKey).name);
}
