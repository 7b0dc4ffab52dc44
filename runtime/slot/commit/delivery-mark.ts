import { slotRows } from "../../layout/names.ts";
import { fromControlValue, toControlValue } from "../../serde/control-value.ts";
import type { SlotImage } from "../image/slot-image.ts";

/**
 * How far the delivery of one version has come, so that the next attempt goes on where this one was cut off (protocol 3.4).
 * It is advice: one that is lost or goes back costs deliveries that change nothing.
 */
interface DeliveryMark {
  readonly version: number;
  /** By lane (frames, dead letters, each sink), how many of its outputs are delivered. */
  readonly done: Readonly<Record<string, number>>;
  /** By sink, how many writes the store refused for good: they became dead letters. */
  readonly refused: Readonly<Record<string, number>>;
}

/** Follows the delivery of a version, and writes its mark now and then. */
export interface DeliveryProgress {
  doneOf(lane: string): number;
  readonly refused: Readonly<Record<string, number>>;
  /** `done` outputs of a lane are delivered, the first `refused` of them as dead letters. */
  advance(lane: string, done: number): void;
  refuse(sink: string, count: number): void;
  /** Writes the mark if there is something new, at most every `markEveryMs`. */
  markIfDue(): Promise<void>;
  mark(): Promise<void>;
}

/** So much work is done again at most after an invocation that was stopped. */
const markEveryMs = 250;

/** `isAgain`: somebody may have begun to deliver the version before. */
export async function deliveryProgress(
  image: SlotImage,
  version: number,
  isAgain: boolean,
): Promise<DeliveryProgress> {
  const { control, clock } = image.job.ports;
  const key = {
    partition: slotRows.deliveries(image.job.plan.job, image.generation.generation),
    sort: image.slot.name,
  };
  const row = isAgain ? await control.get(key) : undefined;
  const known = row === undefined ? undefined : fromControlValue<DeliveryMark>(row);
  const isOurs = known?.version === version;
  const done: Record<string, number> = isOurs ? { ...known.done } : {};
  const refused: Record<string, number> = isOurs ? { ...known.refused } : {};
  let markedMs = clock.nowMs();
  let isNew = false;
  const mark = async (): Promise<void> => {
    if (!isNew) return;
    isNew = false;
    markedMs = clock.nowMs();
    const value = toControlValue({ version, done, refused } satisfies DeliveryMark);
    await control.put({ ...key, rank: version, value }, { kind: "always" });
  };
  return {
    doneOf: (lane) => done[lane] ?? 0,
    refused,
    advance: (lane, count) => {
      done[lane] = count;
      isNew = true;
    },
    refuse: (sink, count) => {
      refused[sink] = (refused[sink] ?? 0) + count;
      isNew = true;
    },
    markIfDue: async () => {
      if (clock.nowMs() - markedMs >= markEveryMs) await mark();
    },
    mark,
  };
}
