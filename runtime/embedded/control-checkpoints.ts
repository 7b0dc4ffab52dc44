import type { ControlTable } from "../ports/index.ts";
import { fromControlValue, toControlValue } from "../serde/control-value.ts";
import type { EventSourceCheckpoints } from "./event-source.ts";

interface Checkpoint {
  readonly sequence: string;
}

/** Checkpoints of an event source as control rows. They may lag: what is handed over again is skipped by its slot. */
export function controlCheckpoints(
  control: ControlTable,
  job: string,
  stream: string,
): EventSourceCheckpoints {
  const key = (shardId: string) => ({
    partition: `${job}#event-source`,
    sort: `${stream}/${shardId}`,
  });
  return {
    load: async (shardId) => {
      const row = await control.get(key(shardId));
      return row === undefined ? undefined : fromControlValue<Checkpoint>(row).sequence;
    },
    save: async (shardId, sequence) => {
      const value = toControlValue({ sequence } satisfies Checkpoint);
      await control.put({ ...key(shardId), rank: 0, value }, { kind: "always" });
    },
  };
}
