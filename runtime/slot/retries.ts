import { fromControlValue, toControlValue } from "../serde/control-value.ts";
import type { SlotImage } from "./slot-image.ts";
import type { FailedPlace } from "./step.ts";

interface FailureCount {
  readonly place: string;
  readonly attempts: number;
}

/**
 * Counts a failure of a place and answers how often it has failed in a row. A failed batch commits nothing, so the count
 * has a row of its own; it is advice, not state: losing a count only means another attempt.
 */
export async function countFailure(image: SlotImage, failure: FailedPlace): Promise<number> {
  const { control } = image.job.ports;
  const key = {
    partition: `${image.job.plan.job}#${image.generation.generation}#retries`,
    sort: image.slot.name,
  };
  const row = await control.get(key);
  const before = row === undefined ? undefined : fromControlValue<FailureCount>(row);
  const attempts = before?.place === failure.place ? before.attempts + 1 : 1;
  await control.put(
    {
      ...key,
      rank: (row?.rank ?? 0) + 1,
      value: toControlValue({ place: failure.place, attempts } satisfies FailureCount),
    },
    { kind: "always" },
  );
  return attempts;
}
