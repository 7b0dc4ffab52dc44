import { inputError } from "../runtime/errors/millrace-error.ts";
import type { KeyValue } from "../runtime/graph/key-value.ts";
import type {
  AggregatingDeclaration,
  ListDeclaration,
  MapDeclaration,
  ReducingDeclaration,
  StateDeclaration,
  ValueDeclaration,
} from "../runtime/graph/state-declarations.ts";
import type { Ttl } from "../runtime/graph/state-ttl.ts";
import { declaredStates, kindText } from "../runtime/operators/declared-states.ts";
import type { Clock } from "../runtime/ports/index.ts";
import type { Plan, PlannedState } from "../runtime/plan/plan.ts";
import { findKeyedState } from "../runtime/savepoints/keyed-states.ts";
import { compareKeys } from "../runtime/serde/compare-keys.ts";
import type { Expiring } from "../runtime/state/expiring.ts";
import { listLengthKey } from "../runtime/state/state-migrators.ts";
import type { AsOf, KeyRange, QueryableState, StateEntries } from "./queryable-state.ts";

/** What a declared state holds for a key, as the function that declares it reads it. */
export type StateValue<D> = D extends { readonly kind: "value" }
  ? D extends ValueDeclaration<infer V>
    ? V | undefined
    : never
  : D extends { readonly kind: "reducing" }
    ? D extends ReducingDeclaration<infer V>
      ? V | undefined
      : never
    : D extends { readonly kind: "aggregating" }
      ? D extends AggregatingDeclaration<infer _T, infer _A, infer R>
        ? R | undefined
        : never
      : D extends { readonly kind: "list" }
        ? D extends ListDeclaration<infer V>
          ? readonly V[]
          : never
        : D extends MapDeclaration<infer K, infer V>
          ? ReadonlyMap<K, V>
          : never;

/** A state that is looked up by its declaration. Values of keys for which nothing is kept are undefined, or empty. */
export interface DeclaredState<D extends StateDeclaration> {
  /** @throws as {@link QueryableState} */
  get(key: KeyValue): Promise<AsOf & { readonly value: StateValue<D> }>;
  /** Keys for which something is kept, ascending. @throws as {@link QueryableState} */
  range(range?: KeyRange): Promise<{
    readonly keys: readonly { readonly key: KeyValue; readonly value: StateValue<D> }[];
    readonly asOf: readonly AsOf[];
  }>;
}

/** @throws MillraceError `state-kind-differs` where the job declares the state as another one */
export function declaredState<D extends StateDeclaration>(
  {
    plan,
    state,
    clock,
  }: { readonly plan: Plan; readonly state: QueryableState; readonly clock: Clock },
  names: { readonly operator: string; readonly state: string },
  declaration: D,
): DeclaredState<D> {
  checkKind(findKeyedState(plan, names).state, names, declaration);
  const valueOf = (entries: StateEntries, watermarkMs: number) => {
    const { ttl } = declaration;
    const nowMs = ttl?.time === "event" ? watermarkMs : clock.nowMs();
    const seen = ttl === undefined ? entries : unexpired(entries, ttl, nowMs);
    return valueIn(declaration, seen) as StateValue<D>;
  };
  return {
    async get(key) {
      const { entries, ...asOf } = await state.get(key);
      return { value: valueOf(entries, asOf.watermarkMs), ...asOf };
    },
    async range(range) {
      const { keys, asOf } = await state.range(range);
      // What has expired in the slot that is behind has in all of them.
      const watermarkMs = Math.min(...asOf.map((one) => one.watermarkMs));
      const told = keys.map(({ key, entries }) => ({ key, value: valueOf(entries, watermarkMs) }));
      return { keys: told, asOf };
    },
  };
}

/** What expires is kept with the time of its last use (docs/state.md, "Time to live"). */
function unexpired(
  entries: StateEntries,
  { afterMs, visibility }: Ttl,
  nowMs: number,
): StateEntries {
  return entries.flatMap(({ value: kept, ...entry }) => {
    const [usedMs, value] = kept as Expiring;
    const isOver = usedMs !== null && usedMs + afterMs <= nowMs;
    return isOver && visibility === "neverReturnExpired" ? [] : [{ ...entry, value }];
  });
}

function valueIn(declaration: StateDeclaration, entries: StateEntries): unknown {
  switch (declaration.kind) {
    case "value":
    case "reducing":
      return entries[0]?.value;
    case "aggregating":
      return entries[0] === undefined ? undefined : declaration.aggregate.result(entries[0].value);
    case "list":
      return entries
        .filter(({ mapKey }) => mapKey !== listLengthKey)
        .toSorted((one, other) => Number(one.mapKey) - Number(other.mapKey))
        .map(({ value }) => value);
    case "map":
      return new Map(
        entries
          .map(({ mapKey = "", value }) => [mapKey, value] as const)
          .toSorted(([one], [other]) => compareKeys(one, other)),
      );
  }
}

function checkKind(
  planned: PlannedState,
  { operator, state }: { readonly operator: string; readonly state: string },
  declaration: StateDeclaration,
): void {
  const [asked] = declaredStates({ state: declaration });
  if (asked !== undefined && kindText(planned) === kindText(asked)) return;
  throw inputError("state-kind-differs", {
    message: `State "${state}" of operator "${operator}" is kept as "${kindText(planned)}", and is asked for as "${declaration.kind}".`,
    next: "Ask with the declaration that the operator's definition has.",
  });
}
