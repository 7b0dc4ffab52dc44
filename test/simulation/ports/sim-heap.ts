import type { Heap, HeapUse } from "../../../runtime/ports/index.ts";
import { stateBytesOf, type SlotImage } from "../../../runtime/slot/image/slot-image.ts";
import type { WorldDice } from "../random.ts";

export interface SimHeapOptions {
  /** Images that it has room for, beside those in hand. */
  readonly roomImages: number;
  /** What state may take; Infinity where there is enough for any. */
  readonly limitBytes: number;
  readonly dice: WorldDice;
  readonly images: () => Iterable<SlotImage>;
}

/** Garbage that comes between two looks, as a share of the limit. */
const garbageMaxShare = 0.2;
/** Images alone fill a heap so far that those which nobody uses are evicted, and never so far that a process would die of them. */
const imagesFull = { each: 0.59, all: 0.69 };

/** The heap of a simulated process: images and their state, and garbage until that is collected. */
export class SimHeap implements Heap {
  readonly #options: SimHeapOptions;
  #garbageShare = 0;
  /** What was alive, as a share of the limit, and whether there was garbage, when somebody looked last. */
  lastLook = { aliveShare: 0, isCollected: true };

  constructor(options: SimHeapOptions) {
    this.#options = options;
  }

  measure(): HeapUse {
    const aliveShare = this.aliveShare();
    const isCollected = this.#garbageShare === 0;
    this.lastLook = { aliveShare, isCollected };
    const usedBytes = Math.max(aliveShare, Math.min(aliveShare + this.#garbageShare, 1));
    if (Number.isFinite(this.#options.limitBytes))
      this.#garbageShare += garbageMaxShare * this.#options.dice.fraction();
    return { usedBytes, limitBytes: 1 };
  }

  collect(): void {
    this.#garbageShare = 0;
  }

  aliveShare(): number {
    const { roomImages, limitBytes, images } = this.#options;
    let [count, bytes] = [0, 0];
    for (const image of images()) {
      count += 1;
      bytes += stateBytesOf(image);
    }
    const imagesShare = Math.min((imagesFull.each * count) / roomImages, imagesFull.all);
    return Math.max(imagesShare, bytes / limitBytes);
  }
}
