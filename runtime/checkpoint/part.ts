import { stateError } from "../errors/millrace-error.ts";
import type { Ports } from "../ports/index.ts";
import { openEnvelope, sealEnvelope } from "../serde/envelope.ts";
import type { StateDelta } from "../state/state-delta.ts";

/**
 * A slot's state at a version, in the object store: its meta and the segments that together hold its keyed state
 * (docs/protocol.md 3.6). Segments are immutable and shared between parts; a later one overrides an earlier one.
 */
export interface Part<Meta> {
  readonly slot: string;
  readonly version: number;
  /** Nonce of the log row of `version`. */
  readonly nonce: string | undefined;
  readonly meta: Meta;
  readonly segments: readonly SegmentRef[];
}

/** Where a part is, and of which version: what a progress row names. */
export interface PartRef {
  readonly key: string;
  readonly version: number;
}

export interface SegmentRef {
  readonly key: string;
  readonly bytes: number;
}

/** More segments than this are merged into one. */
const segmentsMax = 16;
/** So are segments that outweigh the state by this factor. */
const wasteFactor = 2;

export interface PartToWrite<Meta> {
  /** Job and generation: the first two steps of the objects' keys. */
  readonly prefix: string;
  readonly slot: string;
  readonly version: number;
  readonly nonce: string | undefined;
  readonly meta: Meta;
  /** The part before, whose segments can be kept. */
  readonly before: Part<Meta> | undefined;
  /** What changed since that part. */
  readonly changes: readonly StateDelta[];
  readonly stateBytes: number;
  /** The whole state, asked for only when the segments are merged. */
  readonly whole: () => readonly StateDelta[];
}

/** Writes a part and answers its key. Nothing names it yet: the caller does, in the progress row. */
export async function writePart<Meta>(ports: Ports, part: PartToWrite<Meta>): Promise<string> {
  const kept = part.before?.segments ?? [];
  const keptBytes = kept.reduce((sum, segment) => sum + segment.bytes, 0);
  const merge =
    part.before === undefined ||
    kept.length >= segmentsMax ||
    keptBytes > wasteFactor * part.stateBytes + 65_536;
  const deltas = merge ? part.whole() : part.changes;
  const segments: SegmentRef[] = merge ? [] : [...kept];
  const name = `${part.slot}/${part.version}-${ports.random.id()}`;
  if (deltas.length > 0) {
    const data = sealEnvelope("segment", deltas, ports.compression);
    const key = `${part.prefix}/segments/${name}`;
    await ports.objects.put(key, data);
    segments.push({ key, bytes: data.length });
  }
  const { slot, version, nonce, meta } = part;
  const key = `${part.prefix}/parts/${name}`;
  const written: Part<Meta> = { slot, version, nonce, meta, segments };
  await ports.objects.put(key, sealEnvelope("part", written, ports.compression));
  return key;
}

export async function readPart<Meta>(ports: Ports, key: string): Promise<Part<Meta>> {
  return openEnvelope("part", await readObject(ports, key), ports.compression) as Part<Meta>;
}

export async function readSegment(
  ports: Ports,
  segment: SegmentRef,
): Promise<readonly StateDelta[]> {
  return openEnvelope(
    "segment",
    await readObject(ports, segment.key),
    ports.compression,
  ) as readonly StateDelta[];
}

async function readObject(ports: Ports, key: string): Promise<Uint8Array> {
  const data = await ports.objects.get(key);
  if (data === undefined) {
    throw stateError("part-missing", {
      message: `Object "${key}" of a part is not in the object store.`,
      next: "Objects of a job must not be deleted by anything but Millrace; restore the object's previous version.",
    });
  }
  return data;
}
