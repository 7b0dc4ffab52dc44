import { fromControlValue, toControlValue } from "../serde/control-value.ts";
import type { SlotImage } from "./slot-image.ts";
import type { FailedPlace } from "./step.ts";

/** Places that have failed lately, with how often: the one that failed last stands last. */
interface FailureCounts {
  readonly places: readonly (readonly [place: string, attempts: number])[];
}

/** Which of several places fails first can change from try to try: timers of one time have no order. */
const placesMax = 32;

/**
 * Counts a failure of a place and answers how often it has failed. A failed batch commits nothing, so the count
 * has a row of its own; it is advice, not state: losing a count only means another attempt.
 */
export async function countFailure(image: SlotImage, failure: FailedPlace): Promise<number> {
  const { control } = image.job.ports;
  const key = {
    partition: `${image.job.plan.job}#${image.generation.generation}#retries`,
    sort: image.slot.name,
  };
  const row = await control.get(key);
  const before = row === undefined ? [] : fromControlValue<FailureCounts>(row).places;
  const known = before.find(([place]) => place === failure.place);
  const attempts = (known?.[1] ?? 0) + 1;
  const others = before.filter((counted) => counted !== known).slice(1 - placesMax);
  const counts: FailureCounts = { places: [...others, [failure.place, attempts]] };
  await control.put(
    { ...key, rank: (row?.rank ?? 0) + 1, value: toControlValue(counts) },
    { kind: "always" },
  );
  return attempts;
}
