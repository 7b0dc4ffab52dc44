import { migratorsOf } from "../planner/migrators-of.ts";
import type { Manifest } from "../checkpoint/manifest.ts";
import { type Part, readSegment, type SegmentRef, writeSegment } from "../checkpoint/part.ts";
import { type Block, isForGroup } from "../exchange/frame.ts";
import type { StageWatermark } from "../exchange/watermark.ts";
import { objectNames } from "../layout/names.ts";
import { compareStates, type StateMapping } from "../plan/compare-states.ts";
import { matchUids } from "../plan/match-uids.ts";
import { inputsOf, type Plan } from "../plan/plan.ts";
import { savedStatesOf } from "../plan/saved-states.ts";
import type { JobRuntime } from "../job/job-runtime.ts";
import type { SlotMeta } from "../job/slot-meta.ts";
import type { BroadcastDelta } from "../state/broadcast-delta.ts";
import { migrateBroadcast } from "../state/migrate-broadcast.ts";
import { migrateDelta } from "../state/migrate-delta.ts";
import type { StateDelta } from "../state/state-delta.ts";
import { type StateMigrators } from "../state/state-migrators.ts";

/** Where state lives: the uid of a source, or "exchange". */
export type Home = string;
export const exchangeHome = "exchange";

/** How state of the plan that an epoch was taken with comes to the operators of the job as it is now. */
export interface MappedState {
  /** States that are left behind: `<stage>/<operator>/<state>`. */
  readonly dropped: readonly string[];
  /** The home of a slot of the epoch, by the names of the new plan; absent where nothing goes on from it. */
  homeOf(slot: string, stream: string): Home | undefined;
  /** What is known of a slot, by the names of the new plan. */
  meta(saved: SlotMeta): SlotMeta;
  /** By where they are needed: those of the epoch themselves, unless something about them changes. */
  segments(
    part: Part<SlotMeta>,
    home: Home | undefined,
  ): Promise<ReadonlyMap<Home, readonly SegmentRef[]>>;
  broadcast(saved: readonly BroadcastDelta[]): readonly BroadcastDelta[];
  blocks(saved: readonly Block[]): readonly Block[];
}

export interface MappingOptions {
  /** The generation that segments are written anew for. */
  readonly generation: number;
  readonly allowNonRestoredState: boolean;
}

/**
 * Compares the epoch's plan with the job's.
 * @throws MillraceError `state-incompatible`, `state-not-restored`
 */
export function mapState(
  job: JobRuntime,
  manifest: Manifest,
  options: MappingOptions,
): MappedState {
  const { allowNonRestoredState } = options;
  const saved = savedStatesOf(manifest.plan);
  const mapping = compareStates(saved, job.plan, { allowNonRestoredState });
  // A fork copies what it starts from, so that neither job's garbage collection has to know of the other.
  const isFork = manifest.job !== job.plan.job;
  const keepsSegments = !isFork && isIdentity(mapping, manifest.plan, job.plan);
  const migrators = migratorsOf(job.graph);
  const stagesTo = new Map(mapping.stages.map(({ from, to }) => [from, to]));
  const names: NewNames = { stagesTo, uidsTo: matchUids(saved, job.plan) };
  return {
    dropped: mapping.cells.flatMap(({ stage, cell, to }) =>
      to === undefined ? [`${stage}/${cell}`] : [],
    ),
    homeOf: (slot, stream) =>
      stream === manifest.exchangeStream
        ? exchangeHome
        : mapping.sources.find(({ from }) => slot.startsWith(`${from}/`))?.to,
    meta: (slot) => renamed({ startMs: manifest.publishedMs, ...slot }, names),
    segments: async (part, home) =>
      keepsSegments
        ? new Map(home === undefined ? [] : [[home, part.segments]])
        : await migrated(job, part, { mapping, migrators, generation: options.generation }),
    broadcast: (deltas) =>
      deltas.flatMap((delta) => migrateBroadcast(delta, mapping, migrators) ?? []),
    blocks: (sent) =>
      sent.flatMap((block) =>
        (stagesTo.get(block.stage) ?? [])
          .map((stage) => ({ ...block, stage }))
          .filter((moved) => hasInput(job.plan, moved)),
      ),
  };
}

/** Nothing is renamed, dropped, migrated or moved: the new generation can read the epoch's segments as they are. */
function isIdentity({ cells, stages, sources }: StateMapping, saved: Plan, plan: Plan): boolean {
  const kindOf = (of: Plan, id: string) => of.stages.find((stage) => stage.id === id)?.kind;
  return (
    cells.every(
      ({ stage, cell, to, fromVersion, toVersion, ttl, droppedTimers }) =>
        to?.stage === stage &&
        to.cell === cell &&
        fromVersion === toVersion &&
        ttl === undefined &&
        droppedTimers === undefined,
    ) &&
    stages.every(
      ({ from, to }) =>
        to.length === 1 && to[0] === from && kindOf(saved, from) === kindOf(plan, from),
    ) &&
    sources.every(({ from, to }) => from === to)
  );
}

interface Migration {
  readonly mapping: StateMapping;
  readonly migrators: StateMigrators;
  readonly generation: number;
}

/** Reads a part's segments, and writes them anew by where their stages run now. */
async function migrated(
  { ports, plan }: JobRuntime,
  part: Part<SlotMeta>,
  { mapping, migrators, generation }: Migration,
): Promise<ReadonlyMap<Home, readonly SegmentRef[]>> {
  const written = new Map<Home, SegmentRef[]>();
  for (const [index, segment] of part.segments.entries()) {
    const byHome = new Map<Home, StateDelta[]>();
    for (const delta of await readSegment(ports, segment)) {
      for (const moved of migrateDelta(delta, mapping, migrators)) {
        const home = homeOfStage(plan, moved.stage);
        const deltas = byHome.get(home);
        if (deltas === undefined) byHome.set(home, [moved]);
        else deltas.push(moved);
      }
    }
    for (const [home, deltas] of byHome) {
      const key = objectNames.restoredSegment({
        job: plan.job,
        generation,
        slot: part.slot,
        index,
        id: ports.random.id(),
      });
      const segments = written.get(home) ?? [];
      segments.push(await writeSegment(ports, key, deltas));
      written.set(home, segments);
    }
  }
  return written;
}

/** Whether a stage takes a block as it was sent: by a key, or in every slot. */
function hasInput({ stages }: Plan, block: Block): boolean {
  const stage = stages.find(({ id }) => id === block.stage);
  const input = stage && inputsOf(stage)[block.input ?? 0];
  return input === undefined || (input.route === "broadcast") === !isForGroup(block);
}

function homeOfStage({ stages }: Plan, id: string): Home {
  const stage = stages.find((candidate) => candidate.id === id);
  return stage?.kind === "exchange" ? exchangeHome : (stage?.source ?? exchangeHome);
}

/** What stages and operators are called now. */
interface NewNames {
  readonly stagesTo: ReadonlyMap<string, readonly string[]>;
  readonly uidsTo: ReadonlyMap<string, string>;
}

/** Watermarks and counters by the new names of stages and operators; where several stages become one the lowest watermark holds. */
function renamed(meta: SlotMeta, names: NewNames): SlotMeta {
  const { stagesTo } = names;
  const watermarks: Record<string, StageWatermark> = {};
  for (const [from, watermark] of Object.entries(meta.watermarks)) {
    for (const to of stagesTo.get(from) ?? []) {
      const known = watermarks[to];
      if (known === undefined || watermark.ms < known.ms) watermarks[to] = watermark;
    }
  }
  const { operators, deadLettersByOperator, user, ...counters } = meta.counters;
  return {
    ...meta,
    watermarks,
    counters: {
      ...counters,
      operators: byOperator(operators, names),
      ...(deadLettersByOperator !== undefined && {
        deadLettersByOperator: byOperator(deadLettersByOperator, names),
      }),
      ...(user !== undefined && { user: byOperator(user, names) }),
    },
  };
}

/** What is kept by operator, under the new names. */
function byOperator<V>(
  kept: Readonly<Record<string, V>>,
  { stagesTo, uidsTo }: NewNames,
): Readonly<Record<string, V>> {
  return Object.fromEntries(
    Object.entries(kept).flatMap(([name, value]) => {
      const slash = name.indexOf("/");
      const [to] = stagesTo.get(name.slice(0, slash)) ?? [];
      const operator = name.slice(slash + 1);
      return to === undefined ? [] : [[`${to}/${uidsTo.get(operator) ?? operator}`, value]];
    }),
  );
}
