import { messageOf, stateError } from "../errors/millrace-error.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { CellMapping } from "../plan/compare-states.ts";
import { unpackPlainValue } from "../serde/msgpack.ts";
import type { StateDelta } from "./state-delta.ts";
import { encodeCommitted } from "./state-entry.ts";
import type { StateMigrator, StateMigrators } from "./state-migrators.ts";

/** What becomes of the values of one state. */
export interface Migration {
  readonly mapping: CellMapping;
  /** Undefined where the version has not changed. */
  readonly migrator?: StateMigrator | undefined;
}

/** @throws MillraceError `state-incompatible` where the job has no migration */
export function migratorFor(
  { to, fromVersion, toVersion }: CellMapping,
  migrators: StateMigrators,
) {
  const cell = to?.cell ?? "";
  const migrator = migrators.get(cell);
  if (migrator !== undefined) return migrator;
  throw stateError("state-incompatible", {
    message: `State "${cell}" was saved at version ${fromVersion}, but the job declares version ${toVersion} without migrate.`,
    next: `Give the state migrate: (value, fromVersion) => …, which reads what version ${fromVersion} wrote.`,
  });
}

interface EntryPlace {
  /** Undefined: it is broadcast state, which has none. */
  readonly key: KeyValue | undefined;
  readonly mapKey: KeyValue | undefined;
}

/** Runs the user's migration over one value, where there is one. */
export function migrateEntry(
  { mapping, migrator }: Migration,
  committed: unknown,
  place: EntryPlace,
): unknown {
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
  const parts = [
    ...(key === undefined ? [] : [`key ${keyText(key)}`]),
    ...(mapKey === undefined ? [] : [`entry ${keyText(mapKey)}`]),
  ];
  return stateError("state-migration-failed", {
    uid,
    message:
      `Operator "${uid}", state "${name.slice(slash + 1)}", ${parts.join(", ")}: ` +
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

export function unknownCell(
  { stage, cells }: Pick<StateDelta, "stage" | "cells">,
  cell: number,
): Error {
  return stateError("state-unknown", {
    message: `Stage "${stage}" has persisted state "${cells[cell]}", which the list of saved states doesn't have.`,
    next: "The checkpoint is damaged: restore another one.",
  });
}
