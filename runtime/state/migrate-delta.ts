import { messageOf, stateError } from "../errors/millrace-error.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { CellMapping, StateMapping } from "../plan/compare-states.ts";
import { unpackPlainValue } from "../serde/msgpack.ts";
import { deltaBuilder, type StateDelta } from "./state-delta.ts";
import { encodeCommitted } from "./state-entry.ts";
import { timerOfKey } from "./timer-name.ts";
import type { StateMigrator, StateMigrators } from "./state-migrators.ts";

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
  // Builders tell keys apart by these.
  const records = delta.keys.map((key) => ({ key }));
  for (const [at, cell] of delta.cell.entries()) {
    const route = routes[cell];
    if (route === undefined) throw unknownCell(delta, cell);
    const mapKey = delta.mapKey[at] ?? undefined;
    if (route.target === undefined || isDropped(route.mapping, mapKey)) continue;
    const record = records[delta.key[at] as number] as { readonly key: KeyValue };
    const value = migrate(route, delta.committed[at], { key: record.key, mapKey });
    route.target.builder.add({ record, cell: route.target.cell, mapKey }, value);
  }
  const builders = new Set(routes.flatMap((route) => route?.target?.builder ?? []));
  return [...builders].filter(({ isEmpty }) => !isEmpty).map((builder) => builder.build());
}

/** What becomes of the entries of one cell of a delta. */
interface Route {
  readonly mapping: CellMapping;
  /** Absent where they are dropped. */
  readonly target?: {
    readonly builder: ReturnType<typeof deltaBuilder>;
    /** Index among the builder's cells. */
    readonly cell: number;
  };
  /** Absent where the version has not changed. */
  readonly migrator?: StateMigrator;
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

function migratorFor({ to, fromVersion, toVersion }: CellMapping, migrators: StateMigrators) {
  const cell = to?.cell ?? "";
  const migrator = migrators.get(cell);
  if (migrator !== undefined) return migrator;
  throw stateError("state-incompatible", {
    message: `State "${cell}" was saved at version ${fromVersion}, but the job declares version ${toVersion} without migrate.`,
    next: `Give the state migrate: (value, fromVersion) => …, which reads what version ${fromVersion} wrote.`,
  });
}

function isDropped({ droppedTimers }: CellMapping, mapKey: KeyValue | undefined): boolean {
  if (droppedTimers === undefined || typeof mapKey !== "string") return false;
  return droppedTimers.includes(timerOfKey(mapKey).name);
}

interface EntryPlace {
  readonly key: KeyValue;
  readonly mapKey: KeyValue | undefined;
}

function migrate({ mapping, migrator }: Route, committed: unknown, place: EntryPlace): unknown {
  if (migrator === undefined || committed === undefined) return committed;
  const value = committed instanceof Uint8Array ? unpackPlainValue(committed) : committed;
  try {
    const { fromVersion } = mapping;
    const migrated = migrator({ value, mapKey: place.mapKey ?? null, fromVersion });
    return encodeCommitted(migrated, "What migrate gives");
  } catch (thrown) {
    throw failed(mapping, place, thrown);
  }
}

function failed(mapping: CellMapping, { key, mapKey }: EntryPlace, thrown: unknown): Error {
  const name = mapping.to?.cell ?? mapping.cell;
  const slash = name.indexOf("/");
  const uid = name.slice(0, slash);
  const entry = mapKey === undefined ? "" : `, entry ${keyText(mapKey)}`;
  return stateError("state-migration-failed", {
    uid,
    message:
      `Operator "${uid}", state "${name.slice(slash + 1)}", key ${keyText(key)}${entry}: ` +
      `migrate from version ${mapping.fromVersion} to ${mapping.toVersion} failed: ${messageOf(thrown)}`,
    next: "Nothing was changed. Mend migrate so that it takes this value, and restore again.",
    cause: thrown,
  });
}

/** Longer keys are cut: they may hold anything. */
const keyTextMax = 200;

function keyText(key: KeyValue): string {
  const text = JSON.stringify(key, (_, part: unknown) =>
    typeof part === "bigint" ? `${part}n` : part,
  );
  return text.length > keyTextMax ? `${text.slice(0, keyTextMax)}…` : text;
}

function unknownCell({ stage, cells }: StateDelta, cell: number): Error {
  return stateError("state-unknown", {
    message: `Stage "${stage}" has persisted state "${cells[cell]}", which the list of saved states doesn't have.`,
    next: "The checkpoint is damaged: restore another one.",
  });
}
