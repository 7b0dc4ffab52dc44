import { fromControlValue, toControlValue } from "../serde/control-value.ts";
import type { SlotImage } from "./slot-image.ts";
import type { FailedPlace } from "./step.ts";

/** Failures of one element and of the timers that it released. */
interface FailureCounts {
  readonly element: string;
  readonly attempts: Readonly<Record<string, number>>;
}

/** So many places of one element are counted; more of them get no further attempts. */
const placesMax = 100;

export function retriesPartition(job: string, generation: number): string {
  return `${job}#${generation}#retries`;
}

/**
 * Counts a failure of a place and answers how often it has failed. A failed batch commits nothing, so the count has a
 * row of its own; it is advice, not state: losing a count only means another attempt. All places of an element are
 * remembered: it is committed whole, so those that were given up fail again with every attempt of the others.
 */
export async function countFailure(image: SlotImage, failure: FailedPlace): Promise<number> {
  const { control } = image.job.ports;
  const key = {
    partition: retriesPartition(image.job.plan.job, image.generation.generation),
    sort: image.slot.name,
  };
  const element =
    failure.atStart === true
      ? "start"
      : failure.atEnd
        ? "end"
        : `${failure.sequence}/${failure.element}`;
  const row = await control.get(key);
  const before = row === undefined ? undefined : fromControlValue<FailureCounts>(row);
  const known = before?.element === element ? before.attempts : {};
  if (known[failure.place] === undefined && Object.keys(known).length >= placesMax)
    return Number.POSITIVE_INFINITY;
  const attempts = (known[failure.place] ?? 0) + 1;
  const counts: FailureCounts = { element, attempts: { ...known, [failure.place]: attempts } };
  await control.put(
    { ...key, rank: (row?.rank ?? 0) + 1, value: toControlValue(counts) },
    { kind: "always" },
  );
  return attempts;
}
