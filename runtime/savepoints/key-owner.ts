import type { KeyValue } from "../graph/key-value.ts";
import { ownsKeyOf } from "../job/ownership.ts";
import type { Plan, Stage } from "../plan/plan.ts";
import { groupOfKey, type HashRange } from "../serde/hash-space.ts";
import { keyIdentity } from "../serde/key-identity.ts";

/** Which keys of a stage belong to a place. */
export function ownerOf(stage: Stage, plan: Plan, place: { readonly range: HashRange }) {
  const owns = ownsKeyOf(stage.kind, place, { plan });
  return (key: KeyValue): boolean => {
    const group = stage.kind === "aligned" ? 0 : groupOfKey(key, plan.maxParallelism);
    return owns({ key, identity: keyIdentity(key), group, order: 0, at: 0, cells: [] });
  };
}
