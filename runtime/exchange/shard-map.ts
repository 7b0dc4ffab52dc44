import type { Shard } from "../ports/index.ts";
import {
  firstPositionOfGroup,
  type GroupRange,
  groupsOfRange,
  rangeContains,
} from "../serde/hash-space.ts";

/** Which open shard owns which key groups (docs/protocol.md 4.2). */
export interface ShardMap {
  readonly owners: readonly ShardOwner[];
}

export interface ShardOwner {
  readonly shard: Shard;
  readonly groups: GroupRange;
}

/** The map as a list of shards has it: closed shards own nothing. A list from amid a reshard leaves a hole. */
export function shardMapOf(shards: readonly Shard[], groupCount: number): ShardMap {
  const owners: ShardOwner[] = [];
  for (const shard of shards) {
    if (shard.closed) continue;
    const groups = groupsOfRange(shard, groupCount);
    if (groups !== undefined) owners.push({ shard, groups });
  }
  owners.sort((left, right) => left.groups.first - right.groups.first);
  return { owners };
}

/** Whether every group has an owner. */
export function coversAll({ owners }: ShardMap, groupCount: number): boolean {
  let next = 0;
  for (const { groups } of owners) {
    if (groups.first > next) return false;
    next = Math.max(next, groups.last + 1);
  }
  return next === groupCount;
}

export function ownerOfGroup(map: ShardMap, group: number): ShardOwner | undefined {
  return map.owners.find(({ groups }) => groups.first <= group && group <= groups.last);
}

/** Whether a shard holds the group's first position, whether or not it is still open. */
export function shardOwnsGroup(shard: Shard, group: number, groupCount: number): boolean {
  return rangeContains(shard, firstPositionOfGroup(group, groupCount));
}
