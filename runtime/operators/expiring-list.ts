import type { ListState } from "../graph/state-declarations.ts";
import { copyValue } from "../serde/copy-value.ts";
import type { Expiring } from "../state/expiring.ts";
import { listLengthKey } from "../state/state-migrators.ts";
import type { ExpiringEntry } from "./expiry.ts";
import type { ExpiringParts } from "./expiring-state.ts";

type Entry = ExpiringEntry<number | typeof listLengthKey>;

/**
 * A list whose elements expire one by one: they lie under ascending numbers, with gaps where some have gone, and the next number beside them. That is used
 * with each element, and so outlives them.
 */
export function expiringList({
  runtime,
  about,
  cell: name,
  expiry,
}: ExpiringParts): ListState<unknown> {
  const { state } = runtime;
  const cell = state.declareMap<number | typeof listLengthKey, Expiring>(name, expiry.cellOptions);
  expiry.declared(
    cell,
    ({ record, mapKey }, isThere) =>
      mapKey === listLengthKey &&
      state.hasMapEntries(
        record,
        cell,
        (other) => other.mapKey !== listLengthKey && isThere(other),
      ),
  );

  function clear(): void {
    for (const entry of state.mapEntries(runtime.current, cell)) entry.remove();
  }

  function append(values: readonly unknown[]): void {
    const next = state.mapEntry(runtime.current, cell, listLengthKey);
    const from = next.exists ? (next.value[1] as number) : 0;
    for (const [at, value] of values.entries())
      expiry.write(state.mapEntry(runtime.current, cell, from + at), value);
    expiry.write(next, from + values.length);
  }

  return {
    get() {
      const entries: readonly Entry[] = state.orderedMapEntries(runtime.current, cell);
      const elements = entries.filter(({ mapKey }) => mapKey !== listLengthKey);
      const living = elements.filter((entry) => !expiry.hasExpired(entry));
      const seen = expiry.returnsExpired ? elements : living;
      const values = seen.map(({ value }) => (value as Expiring)[1]);
      if (living.length === 0) clear();
      else
        for (const entry of entries) if (!staysUnread(entry) && !isHeld(entry)) expiry.read(entry);
      return values;
    },
    add: (value) => append([copyValue(value, about)]),
    set(values) {
      // All of them first: some may be refused.
      const elements = values.map((value) => copyValue(value, about));
      clear();
      if (elements.length > 0) append(elements);
    },
    clear,
  };

  /** The next number outlives the elements, also where it was used before them: their times may come from a restore. */
  function isHeld(entry: Entry): boolean {
    return entry.mapKey === listLengthKey && expiry.hasExpired(entry);
  }

  /** Where it may be seen, what has expired is seen as long as something of the list lives: so it is in Flink. */
  function staysUnread(entry: Entry): boolean {
    return expiry.returnsExpired && !expiry.readsAreUses && expiry.hasExpired(entry);
  }
}
