import { otherRows } from "../layout/names.ts";
import type { ControlTable } from "../ports/index.ts";
import { fromControlValue, toControlValue } from "../serde/control-value.ts";
import type { MappingCheckpoints } from "../event-source/mapping-options.ts";

interface Checkpoint {
  /** Absent for the beginning of the shard. */
  readonly sequence?: string;
}

/** Checkpoints of an event source as control rows. They may lag: what is handed over again is skipped by its slot. */
export function controlCheckpoints(
  control: ControlTable,
  job: string,
  stream: string,
): MappingCheckpoints {
  return {
    load: async (shardId) => {
      const row = await control.get(keyOf(job, stream, shardId));
      return row === undefined ? undefined : fromControlValue<Checkpoint>(row).sequence;
    },
    save: (shardId, sequence) => write(control, keyOf(job, stream, shardId), { sequence }),
  };
}

/** A place in a shard from which a restored job goes on. */
export interface RestoredPosition extends Checkpoint {
  readonly stream: string;
  readonly shardId: string;
}

/**
 * Takes event sources back to where a restored job goes on. Its slots would find the gap by themselves, but only when a record
 * comes that makes somebody look.
 */
export async function resetCheckpoints(
  control: ControlTable,
  job: string,
  positions: readonly RestoredPosition[],
): Promise<void> {
  for (const { stream, shardId, sequence } of positions)
    await write(control, keyOf(job, stream, shardId), sequence === undefined ? {} : { sequence });
}

const keyOf = (job: string, stream: string, shardId: string) => ({
  partition: otherRows.eventSource(job),
  sort: `${stream}/${shardId}`,
});

async function write(
  control: ControlTable,
  key: ReturnType<typeof keyOf>,
  checkpoint: Checkpoint,
): Promise<void> {
  await control.put({ ...key, rank: 0, value: toControlValue(checkpoint) }, { kind: "always" });
}
