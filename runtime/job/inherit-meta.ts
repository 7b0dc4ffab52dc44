import { mergedValues, type MetricValues } from "../graph/metric-values.ts";
import { clipMarks, type RangeMark } from "../exchange/group-ranges.ts";
import { combineWatermarks, noWatermark, type StageWatermark } from "../exchange/watermark.ts";
import { groupsOfRange, type HashRange, rangeContains } from "../serde/hash-space.ts";
import { broadcastGiver } from "./broadcast-giver.ts";
import type { JobRuntime } from "./job-runtime.ts";
import { inheritFloors } from "./lateness-floors.ts";
import type { DuplicateMemory, SlotCounters, SlotMeta, SourceProgress } from "./slot-meta.ts";
import type { SlotRef } from "./slot-ref.ts";

/** A slot that is made from others, and the range that it gets. */
export interface Heir {
  readonly job: Pick<JobRuntime, "plan">;
  readonly slot: SlotRef;
  readonly range: HashRange;
}

/** protocol 5.1: watermarks by minimum, epochs by maximum, marks of all parents, and nothing of its own on the wire. */
export function inheritMeta(heir: Heir, metas: readonly SlotMeta[]): SlotMeta {
  const { range, slot, job } = heir;
  const version = Math.max(...metas.map((meta) => meta.version)) + 1;
  const groups = groupsOfRange(range, job.plan.maxParallelism);
  const watermarks = inheritWatermarks(metas);
  const floors = inheritFloors(metas, watermarks);
  const source = inheritSource(metas);
  const duplicates = inheritDuplicates(metas);
  return {
    version,
    epoch: Math.max(...metas.map((meta) => meta.epoch)),
    range,
    cursor: {},
    pastFence: metas.every((meta) => meta.pastFence),
    watermarks,
    ...(floors === undefined ? {} : { floors }),
    ...(source === undefined ? {} : { source }),
    marks: groups === undefined ? {} : inheritMarks(metas, job.plan.maxParallelism, groups),
    ...inheritBroadcastMarks(metas, job.plan.maxParallelism),
    ...inheritClosed(metas),
    sentToSelf:
      groups === undefined || slot.source !== undefined
        ? []
        : [[groups.first, groups.last, version]],
    tickClockMs: Math.min(...metas.map((meta) => meta.tickClockMs)),
    counters: inheritCounters(range, metas),
    ...(duplicates === undefined ? {} : { duplicates }),
    ...(metas.some(({ stopping }) => stopping === true) ? { stopping: true } : {}),
    ...inheritStaged(metas),
    ...inheritStart(metas),
  };
}

/**
 * protocol 4.3: what was put before a tick in one parent was put before the child was there. The other parent was read to its end:
 * what the tick speaks of has come there as well.
 */
function inheritClosed(metas: readonly SlotMeta[]): Pick<SlotMeta, "closedEpoch"> {
  const closedEpoch = Math.max(...metas.map((meta) => meta.closedEpoch ?? 0));
  return closedEpoch === 0 ? {} : { closedEpoch };
}

/** protocol 6.9: several children, or one that comes from several, may name the same; that it is made visible again changes nothing. */
function inheritStaged(metas: readonly SlotMeta[]): Pick<SlotMeta, "staged"> {
  const staged = new Map(metas.flatMap((meta) => meta.staged ?? []).map((ref) => [ref.key, ref]));
  return staged.size === 0 ? {} : { staged: [...staged.values()] };
}

/** A child begins where the oldest of its parents would have. */
function inheritStart(metas: readonly SlotMeta[]): Pick<SlotMeta, "startMs"> {
  const starts = metas.flatMap(({ startMs }) => (startMs === undefined ? [] : [startMs]));
  return starts.length === 0 ? {} : { startMs: Math.min(...starts) };
}

function inheritWatermarks(metas: readonly Pick<SlotMeta, "watermarks">[]): SlotMeta["watermarks"] {
  const inherited: Record<string, StageWatermark> = {};
  for (const stage of new Set(metas.flatMap((meta) => Object.keys(meta.watermarks)))) {
    const all = metas.map((meta) => meta.watermarks[stage] ?? noWatermark);
    inherited[stage] = combineWatermarks(all);
  }
  return inherited;
}

function inheritSource(metas: readonly SlotMeta[]): SourceProgress | undefined {
  const sources = metas.flatMap((meta) => (meta.source === undefined ? [] : [meta.source]));
  if (sources.length === 0) return undefined;
  return {
    // A parent that has seen nothing keeps the watermark down, and this must not be ahead of it.
    maxTimestampMs:
      sources.length < metas.length
        ? Number.NEGATIVE_INFINITY
        : Math.min(...sources.map(({ maxTimestampMs }) => maxTimestampMs)),
    lastRecordMs: Math.max(...sources.map(({ lastRecordMs }) => lastRecordMs)),
    ended: false,
    idle: false,
    ...inheritGenerator(sources, metas.length),
  };
}

/** What a generator remembers of two shards is its own affair: it goes on with that of the one that holds the watermark back. */
function inheritGenerator(
  sources: readonly SourceProgress[],
  parents: number,
): Pick<SourceProgress, "generator"> {
  const known = sources.flatMap(({ generator }) => generator ?? []);
  // A parent that has seen nothing, or none of whose batches has reached its generator, is furthest back.
  if (known.length < parents) return {};
  const lowest = known.reduce((one, other) => (other.watermarkMs < one.watermarkMs ? other : one));
  const { idle: _, ...generator } = lowest;
  return { generator };
}

function inheritMarks(
  metas: readonly SlotMeta[],
  groupCount: number,
  own: { readonly first: number; readonly last: number },
): SlotMeta["marks"] {
  const marks: Record<string, readonly RangeMark[]> = {};
  for (const meta of metas) {
    const theirs = groupsOfRange(meta.range, groupCount);
    if (theirs === undefined) continue;
    for (const [slot, ranges] of Object.entries(meta.marks)) {
      const clipped = clipMarks(clipMarks(ranges, theirs), own);
      if (clipped.length > 0)
        marks[slot] = [...(marks[slot] ?? []), ...clipped].toSorted(
          ([left], [right]) => left - right,
        );
    }
  }
  return marks;
}

/** protocol 4.9: they belong to the copy that is taken. */
function inheritBroadcastMarks(
  metas: readonly SlotMeta[],
  groupCount: number,
): Pick<SlotMeta, "broadcastMarks"> {
  const parents = metas.map((meta) => ({ meta }));
  const broadcastMarks = broadcastGiver(parents, groupCount)?.meta.broadcastMarks;
  return broadcastMarks === undefined ? {} : { broadcastMarks };
}

function inheritDuplicates(metas: readonly SlotMeta[]): DuplicateMemory | undefined {
  let merged: Record<string, DuplicateMemory[string]> | undefined;
  for (const { duplicates } of metas) {
    for (const [producer, memory] of Object.entries(duplicates ?? {})) {
      merged ??= {};
      const known = merged[producer];
      if (known === undefined || memory.version > known.version) merged[producer] = memory;
      else if (memory.version === known.version)
        merged[producer] = {
          version: known.version,
          // The filter searches it by halving.
          seen: [...new Set([...known.seen, ...memory.seen])].sort((one, other) => one - other),
        };
    }
  }
  return merged;
}

/** Sums over all slots stay right: of several children only the one with the parent's first position inherits. */
function inheritCounters(own: HashRange, metas: readonly SlotMeta[]): SlotCounters {
  let records = 0;
  let deadLetters = 0;
  let superseded = 0;
  const operators: Record<string, readonly [number, number]> = {};
  const deadLettersByOperator: Record<string, number> = {};
  const user: Record<string, MetricValues> = {};
  for (const { counters, range } of metas) {
    if (!rangeContains(own, range.firstHash)) continue;
    records += counters.records;
    deadLetters += counters.deadLetters;
    superseded += counters.superseded ?? 0;
    for (const [name, count] of Object.entries(counters.deadLettersByOperator ?? {})) {
      deadLettersByOperator[name] = (deadLettersByOperator[name] ?? 0) + count;
    }
    for (const [name, [received, late]] of Object.entries(counters.operators)) {
      const [before, lateBefore] = operators[name] ?? [0, 0];
      operators[name] = [before + received, lateBefore + late];
    }
    for (const [name, values] of Object.entries(counters.user ?? {}))
      user[name] = mergedValues(user[name] ?? {}, values);
  }
  return {
    records,
    deadLetters,
    ...(deadLetters > 0 ? { deadLettersByOperator } : {}),
    ...(superseded > 0 ? { superseded } : {}),
    operators,
    ...(Object.keys(user).length > 0 && { user }),
  };
}
