import type { Stage } from "../plan/plan.ts";
import {
  firstPositionOfGroup,
  type HashRange,
  positionOfPartitionKey,
  rangeContains,
} from "../serde/hash-space.ts";
import type { KeyRecord } from "../state/key-record.ts";
import type { JobRuntime } from "./job-runtime.ts";

/** Which keys of a stage belong to a range of the hash space (protocol 4.2, 5.1). */
export function ownsKeyOf(
  kind: Stage["kind"],
  { range }: { readonly range: HashRange },
  { plan }: Pick<JobRuntime, "plan">,
): (record: KeyRecord) => boolean {
  // Aligned stages go by each key's own position: shards need not align with groups.
  if (kind === "aligned")
    return ({ key }) => rangeContains(range, positionOfPartitionKey(String(key)));
  return ({ group }) => rangeContains(range, firstPositionOfGroup(group, plan.maxParallelism));
}
