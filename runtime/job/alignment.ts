import { rowKeys } from "../layout/names.ts";
import type { Plan } from "../plan/plan.ts";
import type { Ports } from "../ports/index.ts";
import { fromControlValue, toControlValue } from "../serde/control-value.ts";
import { stageOfSource } from "./job-runtime.ts";
import { msBetween } from "./ms-between.ts";
import type { SlotProgress } from "./progress.ts";

/** Sources whose watermarks stay near each other, as the coordinator last saw them (protocol 4.12). */
export interface AlignedGroup {
  readonly group: string;
  readonly maxDriftMs: number;
  /** Watermarks of the slot that is furthest back, and of the one that is furthest ahead. */
  readonly lowestMs: number;
  readonly highestMs: number;
}

/** As the control table holds it. */
interface AlignmentRow {
  readonly groups: readonly AlignedGroup[];
  readonly atMs: number;
}

/** A coordinator publishes at least this often: what is older than twice that was left by one that died. */
export const publishAlignmentEveryMs = 10_000;
const expiresAfterMs = 2 * publishAlignmentEveryMs;

/**
 * The groups of a job's sources. Slots that are idle or at their end hold nobody back, and neither do those that have had no element: of them it is not
 * known where they are.
 */
export function alignedGroups(
  plan: Pick<Plan, "sources" | "stages">,
  rows: readonly SlotProgress[],
): readonly AlignedGroup[] {
  const aligned = plan.sources.flatMap(({ uid, alignment }) => {
    const stage = stageOfSource(plan, uid);
    return alignment === undefined || stage === undefined ? [] : { ...alignment, stage: stage.id };
  });
  return [...Map.groupBy(aligned, ({ group }) => group)].flatMap(([group, members]) => {
    const times = members.flatMap(({ stage }) =>
      rows.flatMap(({ sealed, watermarks: { [stage]: watermark } }) =>
        sealed || watermark === undefined || watermark.idle || !Number.isFinite(watermark.ms)
          ? []
          : watermark.ms,
      ),
    );
    if (times.length === 0) return [];
    const maxDriftMs = Math.min(...members.map((member) => member.maxDriftMs));
    return { group, maxDriftMs, lowestMs: Math.min(...times), highestMs: Math.max(...times) };
  });
}

export async function publishAlignment(
  { control, clock }: Pick<Ports, "control" | "clock">,
  job: string,
  groups: readonly AlignedGroup[],
): Promise<void> {
  const row: AlignmentRow = { groups, atMs: clock.nowMs() };
  await control.put(
    { ...rowKeys.alignment(job), rank: 0, value: toControlValue(row) },
    { kind: "always" },
  );
}

/** What the coordinator published last; empty where that says nothing about now. */
export async function readAlignment(
  { control, clock }: Pick<Ports, "control" | "clock">,
  job: string,
): Promise<readonly AlignedGroup[]> {
  const row = await control.get(rowKeys.alignment(job));
  if (row === undefined) return [];
  const { groups, atMs } = fromControlValue<AlignmentRow>(row);
  return msBetween(clock.nowMs(), atMs) > expiresAfterMs ? [] : groups;
}
