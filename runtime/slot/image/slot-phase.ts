import { phaseOf, type SlotPhase } from "../../job/phase.ts";
import type { SlotImage } from "./slot-image.ts";

/** Where a slot is in its life, by its image. */
export function slotPhase({ slot, meta, sealed, pending }: SlotImage): SlotPhase {
  return phaseOf({
    isSource: slot.source !== undefined,
    sealed,
    stopping: meta.stopping === true,
    ended: meta.source?.ended === true,
    isFiring: meta.firing !== undefined,
    isReplaying: pending.length > 0,
    pastFence: meta.pastFence,
  });
}
