import { unpackPlain } from "../../../runtime/serde/msgpack.ts";
import { type BroadcastDelta, entriesOf } from "../../../runtime/state/broadcast-delta.ts";
import { stateKey } from "../shape.ts";

/** What a slot's copy of broadcast state holds, by state, then as `stateKey` names an entry without a key. */
export function broadcastEntries(
  copy: BroadcastDelta | undefined,
): ReadonlyMap<string, Map<string, unknown>> {
  const states = new Map<string, Map<string, unknown>>();
  if (copy === undefined) return states;
  const entries = entriesOf(copy).map(({ cell, mapKey, committed }) => {
    const value = committed instanceof Uint8Array ? unpackPlain(committed) : committed;
    return [copy.cells[cell] as string, stateKey(undefined, mapKey), value] as const;
  });
  for (const [name, place, value] of entries)
    states.set(name, (states.get(name) ?? new Map<string, unknown>()).set(place, value));
  return states;
}
