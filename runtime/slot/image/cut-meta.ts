import type { PartRef } from "../../checkpoint/part.ts";
import type { SlotImage } from "./slot-image.ts";
import type { Cut } from "../../job/slot-meta.ts";

/** The slot's state at its cut, where it is written. */
export function partOfCut({ meta, part }: SlotImage): PartRef | undefined {
  if (meta.cut === undefined) return undefined;
  return meta.cut.part ?? (part?.version === meta.cut.version ? part : undefined);
}

/**
 * What the next commit says about the slot's cut. Behind the cut it names its part; where that could not be written the cut is
 * given up, and its epoch expires: nothing waits for it (protocol 6.2).
 */
export function carriedCut(image: SlotImage): Cut | undefined {
  const { cut } = image.meta;
  const part = partOfCut(image);
  return cut === undefined || part === undefined ? undefined : { ...cut, part };
}
