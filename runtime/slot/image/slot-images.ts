import type { Heap } from "../../ports/index.ts";
import { stateBytesOf, type SlotImage } from "./slot-image.ts";

/** All images in a process's heap, those that were used longest ago first, each with whose it is. */
type Residents = Map<SlotImage, SlotImages>;

/** Environments of one process share its heap, and have nothing else in common. */
const residentsOf = new WeakMap<Heap, Residents>();

/**
 * The images that one environment keeps. Any of them may go at any time, since an image is only ever a prefix to catch up from
 * (protocol 3.0); those that are in the hand of an invocation would only be forgotten, and free nothing.
 */
export class SlotImages {
  readonly #own = new Map<string, SlotImage>();
  readonly #inHand = new Set<SlotImage>();
  readonly #residents: Residents;

  constructor(heap: Heap) {
    let residents = residentsOf.get(heap);
    if (residents === undefined) residentsOf.set(heap, (residents = new Map()));
    this.#residents = residents;
  }

  get size(): number {
    return this.#own.size;
  }

  values(): IterableIterator<SlotImage> {
    return this.#own.values();
  }

  /** Takes an image into the hand of the invocation under way. */
  get(slot: string): SlotImage | undefined {
    const image = this.#own.get(slot);
    if (image !== undefined) this.#inHand.add(image);
    return image;
  }

  /** Keeps an image, in hand, as the one that was used last. */
  set(slot: string, image: SlotImage): void {
    this.delete(slot);
    this.#own.set(slot, image);
    this.#inHand.add(image);
    this.#residents.set(image, this);
  }

  delete(slot: string): void {
    const image = this.#own.get(slot);
    if (image === undefined) return;
    this.#own.delete(slot);
    this.#inHand.delete(image);
    this.#residents.delete(image);
  }

  clear(): void {
    for (const slot of this.#own.keys()) this.delete(slot);
    this.#inHand.clear();
  }

  /** An invocation is over: nothing is in hand any more. */
  release(): void {
    this.#inHand.clear();
  }

  /** Whether there is anything in the process that is in nobody's hand. */
  mayEvict(): boolean {
    return [...this.#residents].some(([image, owner]) => !owner.#inHand.has(image));
  }

  /** Evicts its own images that were used longest ago, until there are so many. Answers how many went. */
  evictDownTo(count: number): number {
    let evicted = 0;
    for (const [image, owner] of this.#residents) {
      if (this.#own.size <= count) break;
      if (owner === this && this.#evict(image)) evicted += 1;
    }
    return evicted;
  }

  /**
   * Evicts images of the whole process that were used longest ago, until this share of all the state in memory is gone. Answers how
   * many went: none where all are in somebody's hand.
   */
  evictShare(share: number): number {
    const bytes = new Map<SlotImage, number>();
    // An image without any state takes some memory as well.
    for (const image of this.#residents.keys()) bytes.set(image, stateBytesOf(image) + 1);
    let leftBytes = share * [...bytes.values()].reduce((sum, one) => sum + one, 0);
    let evicted = 0;
    for (const [image, owner] of this.#residents) {
      if (leftBytes <= 0) break;
      if (!owner.#evict(image)) continue;
      leftBytes -= bytes.get(image) ?? 0;
      evicted += 1;
    }
    return evicted;
  }

  #evict(image: SlotImage): boolean {
    if (this.#inHand.has(image)) return false;
    this.delete(image.slot.name);
    return true;
  }
}
