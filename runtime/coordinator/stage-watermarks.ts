import {
  combineWatermarks,
  endWatermark,
  noWatermark,
  type StageWatermark,
} from "../exchange/watermark.ts";
import type { Plan, Stage } from "../plan/plan.ts";
import type { Regions } from "./regions.ts";

/** The regions of every source, by uid, and of the exchange. */
export interface JobRegions {
  readonly sources: ReadonlyMap<string, Regions>;
  readonly exchange: Regions;
}

/** protocol 4.7: the watermark of each exchange stage, over all of its upstream slots, of what they have delivered. */
export function stageWatermarks(plan: Plan, regions: JobRegions): Record<string, StageWatermark> {
  const watermarks: Record<string, StageWatermark> = {};
  for (const stage of plan.stages) {
    if (stage.kind === "exchange") watermarks[stage.id] = watermarkOf(stage, plan, regions);
  }
  return watermarks;
}

/** The watermark that a stage behind a source's slots has, or would have. */
export function watermarkBehind(source: string, plan: Plan, regions: JobRegions): StageWatermark {
  const upstream = plan.stages
    .filter((stage) => stage.kind === "source" && stage.source === source)
    .map(({ id }) => id);
  return watermarkOf({ upstream }, plan, regions);
}

function watermarkOf(
  stage: Pick<Stage, "upstream">,
  plan: Plan,
  regions: JobRegions,
): StageWatermark {
  const upstream: StageWatermark[] = [];
  for (const id of stage.upstream) {
    const from = plan.stages.find((candidate) => candidate.id === id);
    const region =
      from?.kind === "exchange" ? regions.exchange : regions.sources.get(from?.source ?? "");
    if (region === undefined || !region.complete) return noWatermark;
    // A folder without files: nothing will come of it.
    if (region.slots.length === 0) upstream.push(endWatermark);
    for (const slot of region.slots) upstream.push(slot.watermarks[id] ?? noWatermark);
  }
  return combineWatermarks(upstream);
}

/** What a tick says after one that said `before`: watermarks only ever rise. */
export function raised(
  before: Readonly<Record<string, StageWatermark>>,
  now: Readonly<Record<string, StageWatermark>>,
): Record<string, StageWatermark> {
  const result: Record<string, StageWatermark> = { ...before };
  for (const [stage, watermark] of Object.entries(now)) {
    const known = before[stage];
    result[stage] =
      known === undefined
        ? watermark
        : { ms: Math.max(known.ms, watermark.ms), idle: watermark.idle };
  }
  return result;
}

export function sameWatermarks(
  left: Readonly<Record<string, StageWatermark>>,
  right: Readonly<Record<string, StageWatermark>>,
): boolean {
  const stages = new Set([...Object.keys(left), ...Object.keys(right)]);
  for (const stage of stages)
    if (left[stage]?.ms !== right[stage]?.ms || left[stage]?.idle !== right[stage]?.idle)
      return false;
  return true;
}
