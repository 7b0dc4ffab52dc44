import { stateError } from "../../errors/millrace-error.ts";
import type { Heap, HeapUse } from "../../ports/index.ts";
import type { SlotEnvironment } from "./environment.ts";
import { stateBytesOf, stateKeysOf, type SlotImage } from "./slot-image.ts";

/** Shares of the heap's limit. Above this one, images that nobody uses are evicted, */
const evictAboveShare = 0.6;
/** down to this one, so that not every batch evicts some. */
const evictToShare = 0.5;
/** Above this one, with nothing left to evict, there is an alarm, */
const nearShare = 0.7;
/** and above this one a stop: what is left is for what a step, a part and loading need on top of the state. */
const stopShare = 0.75;
/**
 * Garbage is collected again only after the heap has grown by so much. Each share may be exceeded by as much; together they
 * are at most four fifths, from where on V8 ends a process that does little else than collect.
 */
const growthShare = 0.05;

/** What was alive when a heap's garbage was collected last. */
const lastAlive = new WeakMap<Heap, number>();

const shareOf = ({ usedBytes, limitBytes }: HeapUse): number => usedBytes / limitBytes;

/**
 * Evicts images that were used longest ago where the process's heap fills up, and where the environment has too many (protocol 3.0).
 * Garbage is collected first: it counts as used until then.
 */
export function makeRoom({ images, job, note }: SlotEnvironment): void {
  const { heap } = job.ports;
  note("evictions", images.evictDownTo(job.settings.imagesMax));
  if (!images.mayEvict()) return;
  let use = aliveAbove(heap, evictAboveShare);
  while (use !== undefined && shareOf(use) > evictToShare) {
    const evicted = images.evictShare(1 - evictToShare / shareOf(use));
    if (evicted === 0) return;
    note("evictions", evicted);
    use = collected(heap);
  }
}

/**
 * Refuses to go on with a slot that nears the memory of the process even with nothing else in it: a batch that fails is tried
 * again, but a process that dies of its memory takes the other slots along and says nothing.
 * @throws MillraceError `state-too-large`
 */
export function guardHeap(environment: SlotEnvironment, image: SlotImage): void {
  makeRoom(environment);
  if (!image.isWarnedOf) warnOfHeap(image);
  const use = aliveAbove(image.job.ports.heap, stopShare);
  if (use === undefined) return;
  const detail = detailOf(image, use);
  image.job.ports.telemetry.alarm("state-too-large", detail);
  throw stateError("state-too-large", {
    message:
      `The heap holds ${mebibytes(use.usedBytes)} of ${mebibytes(use.limitBytes)} with slot ${image.slot.name} alone: ` +
      `${detail.keys} keys and timers, which are ${mebibytes(detail.stateBytes)} as encoded.`,
    next: "Give the function (or the process) more memory; then split the slot's shard, or let state expire. Where the state is small, the job's own code holds the memory. Nothing is lost meanwhile.",
  });
}

/** Raises an alarm while there is still room. */
export function warnOfHeap(image: SlotImage): void {
  const use = aliveAbove(image.job.ports.heap, nearShare);
  if (use === undefined) return;
  image.isWarnedOf = true;
  image.job.ports.telemetry.alarm("state-near-limit", detailOf(image, use));
}

/** What is alive of the heap, if that is above a share of the limit. */
function aliveAbove(heap: Heap, share: number): HeapUse | undefined {
  const held = heap.measure();
  if (shareOf(held) <= share) return undefined;
  const last = lastAlive.get(heap) ?? Number.NEGATIVE_INFINITY;
  const isKnown = last <= share * held.limitBytes;
  if (isKnown && held.usedBytes - last <= growthShare * held.limitBytes) return undefined;
  const use = collected(heap);
  return shareOf(use) > share ? use : undefined;
}

function collected(heap: Heap): HeapUse {
  heap.collect();
  const use = heap.measure();
  lastAlive.set(heap, use.usedBytes);
  return use;
}

function detailOf(image: SlotImage, { usedBytes, limitBytes }: HeapUse) {
  return {
    slot: image.slot.name,
    usedBytes,
    limitBytes: Math.floor(limitBytes),
    stateBytes: stateBytesOf(image),
    keys: stateKeysOf(image),
  };
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 1_048_576)} MiB`;
