import type { Ttl } from "../graph/state-ttl.ts";
import type { Expiring } from "../state/expiring.ts";
import type { CellName } from "../state/keyed-state.ts";
import type { KeyedRuntime } from "./contract.ts";
import { expiryOf } from "./expiry.ts";

/** A value that an operator keeps of a key: an entry of state, or what is seen of it where it expires. */
export interface KeptValue<V> {
  readonly exists: boolean;
  value: V | undefined;
  remove(): void;
}

/** Declares values that an operator keeps, which may have a time to live; each is asked for the key in hand. */
export function keptValues(ttl: Ttl | undefined, runtime: KeyedRuntime) {
  const { state } = runtime;
  if (ttl === undefined)
    return <V>(name: CellName): (() => KeptValue<V>) => {
      const cell = state.declareValue<V>(name);
      return () => state.valueEntry(runtime.current, cell);
    };
  const expiry = expiryOf(ttl, runtime);
  return <V>(name: CellName): (() => KeptValue<V>) => {
    const cell = state.declareValue<Expiring>(name, expiry.cellOptions);
    expiry.declared(cell);
    const inHand = () => state.valueEntry(runtime.current, cell);
    const kept: KeptValue<V> = {
      get exists() {
        return inHand().value !== undefined;
      },
      get value() {
        return inHand().value?.[1] as V | undefined;
      },
      set value(value) {
        expiry.write(inHand(), value);
      },
      remove: () => inHand().remove(),
    };
    return () => {
      const entry = inHand();
      if (expiry.mergedWith(entry) === undefined) entry.remove();
      return kept;
    };
  };
}
