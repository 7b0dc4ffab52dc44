import { type MillraceError, stateError } from "../../errors/millrace-error.ts";
import { compareSequences, type SlotMeta } from "../../job/slot-meta.ts";
import { ownWatermark } from "../../exchange/watermark.ts";
import type { SlotImage } from "../image/slot-image.ts";

/**
 * What holds from one commit of a slot to the next, whatever happened (docs/protocol.md 3.11). A commit that would break one of
 * these is refused before it is appended: a batch that is given back can be mended, a wrong row can't.
 */
const invariants: Readonly<Record<string, (before: SlotMeta, after: SlotMeta) => boolean>> = {
  "versions follow each other": (before, after) => after.version === before.version + 1,
  "epochs never go back": (before, after) => after.epoch >= before.epoch,
  "a slot keeps its range": (before, after) =>
    after.range.firstHash === before.range.firstHash &&
    after.range.lastHash === before.range.lastHash,
  "the cursor never goes back": ({ cursor: before }, { cursor: after }) => {
    if (before.sequence === undefined) return true;
    if (after.sequence === undefined) return false;
    const order = compareSequences(after.sequence, before.sequence);
    return order > 0 || (order === 0 && doneOf(after) >= doneOf(before));
  },
  "watermarks never go back": (before, after) =>
    Object.entries(before.watermarks).every(
      ([stage, watermark]) => ownWatermark(after.watermarks[stage]) >= ownWatermark(watermark),
    ),
  "a generator of watermarks never goes back": ({ source: before }, { source: after }) =>
    after?.generator === undefined ||
    after.generator.watermarkMs >= (before?.generator?.watermarkMs ?? Number.NEGATIVE_INFINITY),
  "a fence stays passed": (before, after) => after.pastFence || !before.pastFence,
  "a stop is for good": (before, after) => after.stopping === true || before.stopping !== true,
  "an end is for good": (before, after) =>
    after.source?.ended === true || before.source?.ended !== true,
  "ticks never go back": (before, after) => after.tickClockMs >= before.tickClockMs,
  "counters never go back": ({ counters: before }, { counters: after }) =>
    after.records >= before.records && after.deadLetters >= before.deadLetters,
  "a cut is of this epoch and in the past": (_, { cut, epoch, version }) =>
    cut === undefined || (cut.epoch <= epoch && cut.version <= version),
};

const doneOf = ({ elements }: SlotMeta["cursor"]): number => elements ?? Number.POSITIVE_INFINITY;

/** @throws MillraceError `commit-inconsistent` */
export function checkCommit({ slot, meta: before, sealed }: SlotImage, after: SlotMeta): void {
  if (sealed) throw inconsistent(slot.name, "nothing follows a seal", before, after);
  for (const [rule, holds] of Object.entries(invariants))
    if (!holds(before, after)) throw inconsistent(slot.name, rule, before, after);
}

function inconsistent(
  slot: string,
  rule: string,
  before: SlotMeta,
  after: SlotMeta,
): MillraceError {
  return stateError("commit-inconsistent", {
    message: `Slot ${slot} would commit version ${after.version} behind ${before.version} against the rule that ${rule}.`,
    next: "This is a fault of Millrace: nothing was written. Please report it, with the slot's newest log row and part.",
  });
}
