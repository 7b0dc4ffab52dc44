import type { StreamPosition, StreamRecord } from "../ports/index.ts";
import { physicalStream, sourceNodeOf } from "./job-runtime.ts";
import type { SlotImage } from "./slot-image.ts";
import { compareSequences } from "./slot-meta.ts";

export interface SelfRead {
  readonly records: readonly StreamRecord[];
  /** Nothing lay behind the records. */
  readonly reachedTip: boolean;
  /** The shard is closed, and these are its last records. */
  readonly ended: boolean;
}

/** Reads what follows the slot's cursor, whatever a mapping hands over (protocol 3.7). */
export async function readFromCursor(image: SlotImage, maxRecords: number): Promise<SelfRead> {
  const { reader } = image.job.ports;
  const { stream, shardId } = image.slot;
  let from = positionOf(image);
  // An answer may be empty although more is to come: a bounded number of empty answers is passed.
  for (let attempt = 0; ; attempt++) {
    const read = await reader.read({ stream, shardId, from, maxRecords });
    if (read.records.length > 0 || read.atTip || read.ended || attempt === 10) {
      return { records: read.records, reachedTip: read.atTip, ended: read.ended };
    }
    from = read.next;
  }
}

/** The records between the cursor and the first one that was handed over; empty where there is no gap. */
export async function readGap(
  image: SlotImage,
  firstHanded: string,
): Promise<readonly StreamRecord[]> {
  const isBefore = ({ sequence }: StreamRecord): boolean =>
    compareSequences(sequence, firstHanded) < 0;
  const probe = await readFromCursor(image, 1);
  if (!probe.records.some(isBefore)) return [];
  const read = await readFromCursor(image, image.job.settings.selfReadMaxRecords);
  return read.records.filter(isBefore);
}

/** The shard was closed without children: the stream ends here for good. */
export async function isEndOfStream(image: SlotImage): Promise<boolean> {
  const { stream, shardId } = image.slot;
  const shards = await image.job.ports.reader.listShards(stream);
  return !shards.some(({ parents }) => parents.includes(shardId));
}

function positionOf({ meta, slot, job, generation }: SlotImage): StreamPosition {
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
  const { startFrom, stream } = sourceNodeOf(job, slot.source).source;
  if (physicalStream(job.names, stream) !== slot.stream || startFrom === "earliest")
    return { kind: "earliest" };
  // "Latest" means from the publication of the generation on: the moment of a first read would be anyone's guess.
  return {
    kind: "time",
    timeMs: startFrom === "latest" ? (meta.startMs ?? generation.publishedMs) : startFrom.timeMs,
  };
}
