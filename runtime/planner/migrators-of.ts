import type { Graph } from "../graph/node.ts";
import type { MigrateFunction } from "../graph/state-declarations.ts";
import { statesOf } from "../operators/registry.ts";
import type { StateKind } from "../plan/plan.ts";
import {
  listLengthKey,
  type StateMigrator,
  type StateMigrators,
} from "../state/state-migrators.ts";

/** The users' migrations of a job. */
export function migratorsOf(graph: Graph): StateMigrators {
  const migrators = new Map<string, StateMigrator>();
  for (const node of graph.nodes)
    for (const { name, kind, migrate } of statesOf(node))
      if (migrate !== undefined) migrators.set(`${node.uid}/${name}`, migratorOf(kind, migrate));
  return migrators;
}

/** Around what is the user's there is something of ours: a list's length, what windows, joins and patterns note beside what they keep. */
function migratorOf(kind: StateKind, migrate: MigrateFunction<unknown>): StateMigrator {
  switch (kind) {
    case "windows":
    case "sessions":
      return ({ value, fromVersion }) => {
        const kept = value as { readonly accumulator: unknown };
        return { ...kept, accumulator: migrated(migrate, kept.accumulator, fromVersion) };
      };
    case "join-buffer":
    case "pattern-queue":
      return ({ value, fromVersion }) => {
        const kept = value as { readonly values: readonly unknown[] };
        const values = kept.values.map((one) => migrated(migrate, one, fromVersion));
        return { ...kept, values };
      };
    case "timed-elements":
    case "join-rows":
      return ({ value, fromVersion }) => {
        const [element, timestampMs] = value as readonly [unknown, number];
        return [migrated(migrate, element, fromVersion), timestampMs];
      };
    case "pattern-events":
      return ({ value, fromVersion }) => {
        const kept = value as { readonly value: unknown };
        return { ...kept, value: migrated(migrate, kept.value, fromVersion) };
      };
    case "join-versions":
      return ({ value, fromVersion }) => {
        const kept = value as { readonly value?: unknown };
        return "value" in kept ? { value: migrated(migrate, kept.value, fromVersion) } : kept;
      };
    case "list":
    case "expiring-list":
      return ({ value, mapKey, fromVersion }) =>
        mapKey === listLengthKey ? value : migrated(migrate, value, fromVersion);
    default:
      return ({ value, fromVersion }) => migrated(migrate, value, fromVersion);
  }
}

function migrated(migrate: MigrateFunction<unknown>, old: unknown, fromVersion: number): unknown {
  const value = migrate(old, fromVersion);
  if (value === undefined) throw new Error("It answered undefined: a migration must give a value.");
  if (value instanceof Promise) {
    // What it throws later has no one to tell; the migration is refused already.
    value.catch(() => undefined);
    throw new Error("It answered a promise: a migration must be synchronous.");
  }
  return value;
}
