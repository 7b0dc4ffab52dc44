import type { StreamPosition, StreamRecord } from "../ports/index.ts";
import type { InvocationTime } from "./image/invocation-time.ts";
import { feedOf, splitReaderOf } from "../job/feeds.ts";
import { sourceNodeOf } from "../job/job-runtime.ts";
import type { SlotImage } from "./image/slot-image.ts";
import { compareSequences } from "../job/slot-meta.ts";

export interface SelfRead {
  readonly records: readonly StreamRecord[];
  /** Nothing lay behind the records. */
  readonly reachedTip: boolean;
  /** The shard is closed, and these are its last records. */
  readonly ended: boolean;
  /** Shards that follow one that has ended, where the stream tells. */
  readonly children?: readonly string[];
}

export interface SelfReadLimits {
  readonly maxRecords: number;
  /** Half of what is left of it is kept for what is read. */
  readonly time: InvocationTime;
}

/**
 * Reads what follows the slot's cursor, whatever a mapping hands over (protocol 3.7). Empty answers mean nothing (protocol 1):
 * it reads until there is a record, the tip or the end. Out of time it answers none of them, and nothing may be concluded.
 */
export async function readFromCursor(
  image: SlotImage,
  { maxRecords, time }: SelfReadLimits,
): Promise<SelfRead> {
  const { clock } = image.job.ports;
  const { shardId } = image.slot;
  const reader = splitReaderOf(image.job, image.slot);
  const untilMs =
    clock.nowMs() + Math.min(image.job.settings.selfReadMaxMs, time.remainingMs() / 2);
  let from = positionOf(image);
  for (;;) {
    const { records, atTip, ended, children, next } = await reader.read({
      shardId,
      from,
      maxRecords,
      startedMs: image.generation.incarnation ?? image.generation.publishedMs,
    });
    if (records.length > 0 || atTip || ended || clock.nowMs() >= untilMs)
      return { records, reachedTip: atTip, ended, ...(children && { children }) };
    from = next;
  }
}

/**
 * The records between the cursor and the first one that was handed over: empty where there is no gap, undefined where that
 * could not be found out in time.
 */
export async function readGap(
  image: SlotImage,
  firstHanded: string,
  time: InvocationTime,
): Promise<readonly StreamRecord[] | undefined> {
  const isBefore = ({ sequence }: StreamRecord): boolean =>
    compareSequences(sequence, firstHanded) < 0;
  const probe = await readFromCursor(image, { maxRecords: 1, time });
  const isKnown = probe.records.length > 0 || probe.reachedTip || probe.ended;
  if (!probe.records.some(isBefore)) return isKnown ? [] : undefined;
  const { selfReadMaxRecords: maxRecords } = image.job.settings;
  const read = await readFromCursor(image, { maxRecords, time });
  const gap = read.records.filter(isBefore);
  return gap.length > 0 ? gap : undefined;
}

/**
 * Whether the stream ends for good with a shard that was read to its end (protocol 4.8): it is a split that has no others behind it, or neither the read tells of children,
 * nor a list that shows the shard closed. One that shows it open is older than what closed it.
 */
export async function isEndOfStream(image: SlotImage, { children }: SelfRead): Promise<boolean> {
  if (children !== undefined && children.length > 0) return false;
  if (!feedOf(image.job, image.slot).dividesHashSpace) return true;
  const { shardId } = image.slot;
  const shards = await splitReaderOf(image.job, image.slot).list();
  const isClosed = shards.some((shard) => shard.shardId === shardId && shard.closed);
  return isClosed && !shards.some(({ parents }) => parents.includes(shardId));
}

/** Where what the slot has not taken begins. */
export function positionOf({ meta, slot, job, generation }: SlotImage): StreamPosition {
  const { sequence, elements } = meta.cursor;
  if (sequence !== undefined)
    return elements === undefined ? { kind: "after", sequence } : { kind: "at", sequence };
  const { fenceSkewMs } = job.settings;
  // Nothing of a generation is put into the exchange before the generation is published.
  if (slot.source === undefined) {
    return generation.generation === 1
      ? { kind: "earliest" }
      : { kind: "time", timeMs: generation.publishedMs - fenceSkewMs };
  }
  const { startFrom } = sourceNodeOf(job, slot.source).source;
  if (startFrom === "earliest") return { kind: "earliest" };
  // "Latest" means from the publication of the generation on: the moment of a first read would be anyone's guess.
  return {
    kind: "time",
    timeMs: startFrom === "latest" ? (meta.startMs ?? generation.publishedMs) : startFrom.timeMs,
  };
}
