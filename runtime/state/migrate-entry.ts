import { messageOf, stateError } from "../errors/millrace-error.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { CellMapping } from "../plan/compare-states.ts";
import { unpackPlainValue } from "../serde/msgpack.ts";
import type { Expiring } from "./expiring.ts";
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

/** Runs the user's migration over one value, where there is one, and gives or takes its time to live. */
export function migrateEntry(
  { mapping, migrator }: Migration,
  committed: unknown,
  place: EntryPlace,
): unknown {
  const { ttl, fromVersion, kind } = mapping;
  if ((migrator === undefined && ttl === undefined) || committed === undefined) return committed;
  const kept = committed instanceof Uint8Array ? unpackPlainValue(committed) : committed;
  const expires = kind.startsWith("expiring-");
  const [usedMs, value] = expires ? (kept as Expiring) : [null, kept];
  try {
    const migrated =
      migrator === undefined
        ? value
        : migrator({ value, mapKey: place.mapKey ?? null, fromVersion });
    return encodeCommitted(withTtl({ expires, usedMs, ttl }, migrated), "What migrate gives");
  } catch (thrown) {
    throw failed(mapping, place, thrown);
  }
}

interface Life {
  readonly expires: boolean;
  readonly usedMs: number | null;
  readonly ttl: CellMapping["ttl"] | undefined;
}

/** What gets a time to live, or another one, begins to live with the restore: its first use is yet to come. */
function withTtl({ expires, usedMs, ttl }: Life, value: unknown): unknown {
  if (ttl === undefined) return expires ? [usedMs, value] : value;
  return ttl === "loses" ? value : [null, value];
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
